-- What journeys send. purpose: of the consent without which a mail does not go; empty: it needs none. time_zone: by whose
-- quiet hours it does not leave; empty: by nobody's.
ALTER TABLE messages ADD COLUMN template TEXT NOT NULL DEFAULT '';
ALTER TABLE messages ADD COLUMN journey TEXT NOT NULL DEFAULT '';
ALTER TABLE messages ADD COLUMN step TEXT NOT NULL DEFAULT '';
ALTER TABLE messages ADD COLUMN purpose TEXT NOT NULL DEFAULT '';
ALTER TABLE messages ADD COLUMN time_zone TEXT NOT NULL DEFAULT '';

-- Who is, or was last, on which journey. Repeats what the leads' own rows say, by journey.
CREATE TABLE enrolments (
  workspace_id BIGINT NOT NULL,
  journey TEXT NOT NULL,
  lead_id TEXT NOT NULL,
  state TEXT NOT NULL,
  step TEXT NOT NULL,
  entered_at BIGINT NOT NULL,
  due_at BIGINT,
  ended_at BIGINT,
  PRIMARY KEY (workspace_id, journey, lead_id)
);

CREATE INDEX enrolments_of_lead ON enrolments (workspace_id, lead_id);
