-- Destinations that have said never to come again (HTTP 410); their messages wait until somebody has them redriven.
CREATE TABLE disabled_destinations (
  workspace_id BIGINT NOT NULL,
  channel TEXT NOT NULL,
  reason TEXT NOT NULL,
  disabled_at BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, channel)
);

-- Each destination has a sender of its own.
CREATE INDEX messages_of_channel ON messages (workspace_id, kind, channel, state, due_at);
