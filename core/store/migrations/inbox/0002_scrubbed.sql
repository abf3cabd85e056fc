-- The last erasure whose entries were scrubbed.
ALTER TABLE inbox_log ADD COLUMN scrubbed_up_to BIGINT NOT NULL DEFAULT 0;

-- An erasure looks through the actions, which name contact points.
CREATE INDEX inbox_actions ON inbox (workspace_id, seq) WHERE kind = 'action';
