-- The shared lead model. Times are milliseconds since 1970-01-01T00:00:00Z; seq and idx name the event in the inbox
-- that a row came from.
CREATE TABLE workspaces (
  workspace_id BIGINT NOT NULL PRIMARY KEY,
  name TEXT NOT NULL UNIQUE
);

-- How far the pipeline has read. Moves in the transaction that holds the effects.
CREATE TABLE pipeline_cursor (
  workspace_id BIGINT NOT NULL PRIMARY KEY,
  log_id TEXT NOT NULL,
  seq BIGINT NOT NULL
);

-- email and phone repeat the primary contact points, for lists. attributes, touches, provenance and tags are JSON.
CREATE TABLE leads (
  workspace_id BIGINT NOT NULL,
  id TEXT NOT NULL,
  stage TEXT NOT NULL,
  captured_at BIGINT,
  registered_at BIGINT,
  developing_at BIGINT,
  converted_at BIGINT,
  customer_at BIGINT,
  lost_at BIGINT,
  recycled_at BIGINT,
  warm_until BIGINT,
  hot_until BIGINT,
  email TEXT NOT NULL,
  phone TEXT NOT NULL,
  name TEXT NOT NULL,
  first_name TEXT NOT NULL,
  last_name TEXT NOT NULL,
  company TEXT NOT NULL,
  job_title TEXT NOT NULL,
  country TEXT NOT NULL,
  city TEXT NOT NULL,
  language TEXT NOT NULL,
  time_zone TEXT NOT NULL,
  tags TEXT NOT NULL,
  attributes TEXT NOT NULL,
  first_touch TEXT NOT NULL,
  last_touch TEXT NOT NULL,
  provenance TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, id)
) {{without_rowid}};

CREATE TABLE contact_points (
  workspace_id BIGINT NOT NULL,
  kind TEXT NOT NULL,
  canonical TEXT NOT NULL,
  lead_id TEXT NOT NULL,
  as_given TEXT NOT NULL,
  verdict TEXT NOT NULL,
  verified_at BIGINT,
  seq BIGINT NOT NULL,
  idx BIGINT NOT NULL,
  occurred_at BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, kind, canonical, lead_id)
) {{without_rowid}};

CREATE INDEX contact_points_of_lead ON contact_points (workspace_id, lead_id);

-- Append-only. superseded_by: the redrive entry whose events replace this line.
CREATE TABLE timeline (
  workspace_id BIGINT NOT NULL,
  lead_id TEXT NOT NULL,
  seq BIGINT NOT NULL,
  idx BIGINT NOT NULL,
  channel TEXT NOT NULL,
  event_key TEXT NOT NULL,
  type TEXT NOT NULL,
  occurred_at BIGINT NOT NULL,
  received_at BIGINT NOT NULL,
  trust TEXT NOT NULL,
  document TEXT NOT NULL,
  superseded_by BIGINT,
  PRIMARY KEY (workspace_id, lead_id, seq, idx)
);

CREATE INDEX timeline_of_entry ON timeline (workspace_id, seq);

CREATE TABLE consents (
  workspace_id BIGINT NOT NULL,
  lead_id TEXT NOT NULL,
  seq BIGINT NOT NULL,
  idx BIGINT NOT NULL,
  line BIGINT NOT NULL,
  purpose TEXT NOT NULL,
  channel TEXT NOT NULL,
  state TEXT NOT NULL,
  text TEXT NOT NULL,
  text_sha256 TEXT NOT NULL,
  url TEXT NOT NULL,
  ip TEXT NOT NULL,
  user_agent TEXT NOT NULL,
  occurred_at BIGINT NOT NULL,
  recorded_at BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, lead_id, seq, idx, line)
) {{without_rowid}};

CREATE TABLE attachments (
  workspace_id BIGINT NOT NULL,
  lead_id TEXT NOT NULL,
  seq BIGINT NOT NULL,
  idx BIGINT NOT NULL,
  line BIGINT NOT NULL,
  sha256 TEXT NOT NULL,
  field TEXT NOT NULL,
  name TEXT NOT NULL,
  content_type TEXT NOT NULL,
  bytes BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, lead_id, seq, idx, line)
) {{without_rowid}};

-- content: base64.
CREATE TABLE attachment_contents (
  workspace_id BIGINT NOT NULL,
  sha256 TEXT NOT NULL,
  content TEXT NOT NULL,
  PRIMARY KEY (workspace_id, sha256)
);

-- Events that the pipeline could not process. They block nobody and can be redriven.
CREATE TABLE quarantine (
  workspace_id BIGINT NOT NULL,
  seq BIGINT NOT NULL,
  idx BIGINT NOT NULL,
  reason TEXT NOT NULL,
  quarantined_at BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, seq, idx)
) {{without_rowid}};
