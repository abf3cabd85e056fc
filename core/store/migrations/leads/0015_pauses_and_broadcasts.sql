-- What is paused, and was. scope: hub | channel/NAME | journey/NAME | broadcast/NAME. seq: the entry of the log that paused
-- it, or behind which a restored store goes on; only a later entry lifts it. reason: operator | restored | a sentence.
CREATE TABLE pauses (
  workspace_id BIGINT NOT NULL,
  scope TEXT NOT NULL,
  seq BIGINT NOT NULL,
  reason TEXT NOT NULL,
  paused_at BIGINT NOT NULL,
  lifted_at BIGINT,
  PRIMARY KEY (workspace_id, scope)
);
INSERT INTO pauses (workspace_id, scope, seq, reason, paused_at)
  SELECT workspace_id, 'hub', seq, reason, paused_at FROM sending_pauses;
DROP TABLE sending_pauses;

-- What came back of a mail, each as far as people are trusted to have done it, and when first.
ALTER TABLE messages ADD COLUMN opened_at BIGINT;
ALTER TABLE messages ADD COLUMN clicked_at BIGINT;
ALTER TABLE messages ADD COLUMN bounced_at BIGINT;
ALTER TABLE messages ADD COLUMN complained_at BIGINT;
CREATE INDEX messages_sent ON messages (workspace_id, channel, sent_at, kind);
CREATE INDEX messages_bounced ON messages (workspace_id, channel, bounced_at) WHERE bounced_at IS NOT NULL;
CREATE INDEX messages_complained ON messages (workspace_id, channel, complained_at) WHERE complained_at IS NOT NULL;

-- One mail to many leads, once. definition: JSON (lead/broadcast.hpp). state: scheduled | reaching | sending | decided |
-- cancelled. reached_up_to: the last lead that was asked whether the mail is for them.
CREATE TABLE broadcasts (
  workspace_id BIGINT NOT NULL,
  name TEXT NOT NULL,
  definition TEXT NOT NULL,
  state TEXT NOT NULL,
  reached_up_to TEXT NOT NULL,
  asked BIGINT NOT NULL,
  winner BIGINT,
  created_at BIGINT NOT NULL,
  reached_at BIGINT,
  PRIMARY KEY (workspace_id, name)
);
CREATE INDEX messages_of_broadcast ON messages (workspace_id, journey, state) WHERE kind = 'broadcast';
