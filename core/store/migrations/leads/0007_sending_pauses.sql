-- While a workspace has a row here, none of its mails leave. seq: the entry of the log that paused it, or behind which a
-- restored store goes on; only a later entry lifts it. reason: operator | restored.
CREATE TABLE sending_pauses (
  workspace_id BIGINT NOT NULL PRIMARY KEY,
  seq BIGINT NOT NULL,
  reason TEXT NOT NULL,
  paused_at BIGINT NOT NULL
);
