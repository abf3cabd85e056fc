-- What the rules make of a lead: score, temperature, stage, owner. qualification: JSON, core/lead/qualification_json.cpp.
-- owner to answered_at repeat the last assignment, for lists and reports. wake_at: when to look at the lead again though
-- nothing happens to it.
ALTER TABLE leads ADD COLUMN qualification TEXT NOT NULL DEFAULT '';

ALTER TABLE leads ADD COLUMN owner TEXT NOT NULL DEFAULT '';

ALTER TABLE leads ADD COLUMN assigned_at BIGINT;

ALTER TABLE leads ADD COLUMN answer_by BIGINT;

ALTER TABLE leads ADD COLUMN answered_at BIGINT;

ALTER TABLE leads ADD COLUMN wake_at BIGINT;

CREATE INDEX leads_wake ON leads (workspace_id, wake_at) WHERE wake_at IS NOT NULL;

CREATE INDEX leads_of_company ON leads (workspace_id, company, updated_at) WHERE owner <> '' AND company <> '';

CREATE INDEX leads_of_owner ON leads (workspace_id, owner) WHERE owner <> '';

-- The score ledger: a lead's score is the sum of its lines, faded where their group decays.
CREATE TABLE scores (
  workspace_id BIGINT NOT NULL,
  lead_id TEXT NOT NULL,
  seq BIGINT NOT NULL,
  idx BIGINT NOT NULL,
  line BIGINT NOT NULL,
  rule TEXT NOT NULL,
  score_group TEXT NOT NULL,
  points BIGINT NOT NULL,
  occurred_at BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, lead_id, seq, idx, line)
) {{without_rowid}};

-- The hand-offs of each lead, in the order of their rounds. seq, idx: the event that asked for it.
CREATE TABLE assignments (
  workspace_id BIGINT NOT NULL,
  lead_id TEXT NOT NULL,
  round BIGINT NOT NULL,
  owner TEXT NOT NULL,
  rule TEXT NOT NULL,
  method TEXT NOT NULL,
  seq BIGINT NOT NULL,
  idx BIGINT NOT NULL,
  assigned_at BIGINT NOT NULL,
  answer_by BIGINT,
  answered_at BIGINT,
  state TEXT NOT NULL,
  PRIMARY KEY (workspace_id, lead_id, round)
) {{without_rowid}};

CREATE INDEX assignments_open ON assignments (workspace_id, owner) WHERE state = 'open';

CREATE INDEX assignments_of_owner ON assignments (workspace_id, owner, assigned_at);

-- Sales, as they came: each a purchase.completed of the timeline.
CREATE TABLE conversions (
  workspace_id BIGINT NOT NULL,
  lead_id TEXT NOT NULL,
  seq BIGINT NOT NULL,
  idx BIGINT NOT NULL,
  value DOUBLE PRECISION,
  currency TEXT NOT NULL,
  occurred_at BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, lead_id, seq, idx)
) {{without_rowid}};

CREATE INDEX conversions_by_time ON conversions (workspace_id, occurred_at);

-- Whose turn it is in round robin: the smooth weight of each of the team.
CREATE TABLE team_turns (
  workspace_id BIGINT NOT NULL,
  name TEXT NOT NULL,
  turn BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, name)
) {{without_rowid}};
