-- Requests that ask for work after their answer. What is done has no row. state: waiting | failed (given up). detail: what
-- the plugin said last, without personal data.
CREATE TABLE follow_ups (
  workspace_id BIGINT NOT NULL,
  seq BIGINT NOT NULL,
  channel TEXT NOT NULL,
  state TEXT NOT NULL,
  attempts BIGINT NOT NULL,
  due_at BIGINT NOT NULL,
  detail TEXT NOT NULL,
  PRIMARY KEY (workspace_id, seq)
) {{without_rowid}};

CREATE INDEX follow_ups_due ON follow_ups (workspace_id, channel, state, due_at);

-- kind follow_up: the request whose follow-up brought these events.
ALTER TABLE inbox ADD COLUMN follows BIGINT;
