-- The inbox: a log of what arrived, in the order of its commits. seq is gapless and never reused: its one writer takes
-- it from inbox_log.next_seq, in the same transaction.
CREATE TABLE workspaces (
  workspace_id BIGINT NOT NULL PRIMARY KEY,
  name TEXT NOT NULL UNIQUE
);

CREATE TABLE inbox_log (
  workspace_id BIGINT NOT NULL PRIMARY KEY,
  log_id TEXT NOT NULL,
  next_seq BIGINT NOT NULL
);

-- kind: request | redrive. state: accepted (the pipeline takes it) | held | unreadable | conflict (set aside for
-- review). headers: "name: value" lines, "name:base64 BASE64" where a value is no
-- UTF-8. body: text, or base64 where body_encoding says so. events: a JSON array.
CREATE TABLE inbox (
  workspace_id BIGINT NOT NULL,
  seq BIGINT NOT NULL,
  kind TEXT NOT NULL,
  state TEXT NOT NULL,
  reason TEXT NOT NULL,
  channel TEXT NOT NULL,
  received_at BIGINT NOT NULL,
  method TEXT NOT NULL,
  path TEXT NOT NULL,
  query TEXT NOT NULL,
  headers TEXT NOT NULL,
  body TEXT NOT NULL,
  body_encoding TEXT NOT NULL,
  client_address TEXT NOT NULL,
  events TEXT NOT NULL,
  redrive_of BIGINT,
  PRIMARY KEY (workspace_id, seq)
);

CREATE INDEX inbox_set_aside ON inbox (workspace_id, state, seq) WHERE state <> 'accepted';

CREATE INDEX inbox_redrives ON inbox (workspace_id, redrive_of) WHERE redrive_of IS NOT NULL;

-- One row for each key that a provider gave: what makes its retries duplicates. Keyed hashes only, so that it may
-- outlive the person.
CREATE TABLE inbox_keys (
  workspace_id BIGINT NOT NULL,
  key_hash TEXT NOT NULL,
  seq BIGINT NOT NULL,
  body_hash TEXT NOT NULL,
  PRIMARY KEY (workspace_id, key_hash)
) {{without_rowid}};
