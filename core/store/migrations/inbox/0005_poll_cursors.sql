-- How far each channel that is polled was read; moved in the transaction that stores what the poll found. cursor is the
-- plugin's own.
CREATE TABLE poll_cursors (
  workspace_id BIGINT NOT NULL,
  channel TEXT NOT NULL,
  cursor TEXT NOT NULL,
  moved_at BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, channel)
) {{without_rowid}};
