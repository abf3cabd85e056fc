-- Double opt-in: which event a grant confirms.
ALTER TABLE consents ADD COLUMN confirms TEXT NOT NULL DEFAULT '';

-- The outbox: one row a mail, with its whole life. occurrence: what the mail is sent for, so that it is written once.
-- seq, idx: the event that asked for it. address: where it goes, as the person wrote it; canonical: what identifies that.
CREATE TABLE messages (
  workspace_id BIGINT NOT NULL,
  id TEXT NOT NULL,
  occurrence TEXT NOT NULL,
  lead_id TEXT NOT NULL,
  home_id TEXT NOT NULL DEFAULT '',
  kind TEXT NOT NULL,
  channel TEXT NOT NULL,
  address TEXT NOT NULL,
  canonical TEXT NOT NULL,
  seq BIGINT NOT NULL,
  idx BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  state TEXT NOT NULL,
  attempts BIGINT NOT NULL DEFAULT 0,
  due_at BIGINT NOT NULL,
  sent_at BIGINT,
  detail TEXT NOT NULL DEFAULT '',
  PRIMARY KEY (workspace_id, id)
) {{without_rowid}};

CREATE UNIQUE INDEX messages_occurrence ON messages (workspace_id, occurrence);

CREATE INDEX messages_due ON messages (workspace_id, state, due_at);

CREATE INDEX messages_to ON messages (workspace_id, canonical, created_at);

CREATE INDEX messages_of_lead ON messages (workspace_id, lead_id);
