-- What channels remember between calls and starts (leadhub.host.kv). expires_at: 0 for never.
CREATE TABLE channel_memory (
  workspace_id BIGINT NOT NULL,
  channel TEXT NOT NULL,
  memory_key TEXT NOT NULL,
  value TEXT NOT NULL,
  expires_at BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, channel, memory_key)
) {{without_rowid}};

CREATE INDEX channel_memory_expiry ON channel_memory (workspace_id, channel, expires_at) WHERE expires_at > 0;
