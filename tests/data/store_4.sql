-- The store of version 4, as the last hotpress that wrote it made it. It never changes:
-- stores of that time are still out there.

CREATE TABLE jobs (
  id          TEXT PRIMARY KEY,     -- the job's name for people and programs
  inbox       TEXT NOT NULL,        -- the inbox's name when the job was made
  root        TEXT NOT NULL,        -- the inbox's folder
  relative    TEXT NOT NULL,        -- the source's path below the inbox
  size_bytes  INTEGER NOT NULL,     -- the source's size when it had settled
  mtime_ns    INTEGER NOT NULL,     -- the source's time of change when it had settled
  file        TEXT NOT NULL,        -- the source's device and inode then: 64 bits each, as text
  output_name TEXT NOT NULL,        -- which of the rule's outputs this job makes
  state       TEXT NOT NULL,        -- where the job stands (model.State)
  step        TEXT NOT NULL,        -- the step that runs next, or now (model.Step)
  reason      TEXT NOT NULL,        -- why it waits or is held (model.Reason), '' otherwise
  live        INTEGER NOT NULL,     -- 1 while something is left to do, 0 at its end
  wake_at     REAL,                 -- not before this time (seconds since 1970); NULL: at once
  owner       TEXT NOT NULL,        -- who runs its step now: host and process; '' when nobody does
  epoch       INTEGER NOT NULL,     -- raised by each take: an outcome of an older take is refused
  until_at    REAL,                 -- when the owner's lease ends; NULL on one machine
  in_cloud    INTEGER NOT NULL,     -- 1 while it takes one of the cloud's places
  messages    INTEGER NOT NULL,     -- messages to the agent that may have been seen
  spent       REAL,                 -- credits that it cost; NULL when nobody can tell
  spent_at    REAL,                 -- when its message was sent, NULL before
  sha256      TEXT NOT NULL,        -- the source's hash, once it is known
  waits_on    TEXT NOT NULL,        -- a job of the same content that goes first, '' when none
  asked       INTEGER NOT NULL,     -- 1 for what was asked in the session of another job
  created_at  REAL NOT NULL,        -- when the job was made
  updated_at  REAL NOT NULL,        -- when its last outcome was written
  finished_at REAL,                 -- when it was delivered, skipped, failed or cancelled
  document    TEXT NOT NULL,        -- the whole job as JSON (model.Job)
  UNIQUE (inbox, relative, size_bytes, mtime_ns, output_name)
) STRICT;

CREATE INDEX jobs_live ON jobs (created_at) WHERE live = 1;
CREATE INDEX jobs_ready ON jobs (created_at) WHERE live = 1 AND state != 'held';
CREATE INDEX jobs_turn ON jobs (inbox, created_at, id) WHERE live = 1 AND state != 'held';
CREATE INDEX jobs_small ON jobs (inbox, size_bytes, created_at, id)
  WHERE live = 1 AND state != 'held';
CREATE INDEX jobs_begun ON jobs (inbox, created_at, id)
  WHERE live = 1 AND state != 'held' AND (in_cloud = 1 OR messages > 0);
CREATE INDEX jobs_held ON jobs (reason, inbox, updated_at) WHERE live = 1 AND state = 'held';
CREATE INDEX jobs_waiting ON jobs (waits_on) WHERE waits_on != '';
CREATE INDEX jobs_said ON jobs (updated_at) WHERE messages > 0;
CREATE INDEX jobs_spent ON jobs (spent_at) WHERE messages > 0;
CREATE INDEX jobs_cost ON jobs (spent_at) WHERE spent IS NOT NULL AND asked = 0;
CREATE INDEX jobs_failed ON jobs (inbox, created_at) WHERE state = 'failed';
CREATE INDEX jobs_wake ON jobs (wake_at) WHERE live = 1 AND owner = '' AND state != 'held';
CREATE INDEX jobs_cloud ON jobs (in_cloud) WHERE in_cloud = 1;
CREATE INDEX jobs_first ON jobs (messages, created_at)
  WHERE live = 1 AND waits_on = '' AND (in_cloud = 1 OR messages > 0);
CREATE INDEX jobs_root ON jobs (root) WHERE live = 1;
CREATE INDEX jobs_file ON jobs (file, size_bytes, mtime_ns);
CREATE INDEX jobs_size ON jobs (size_bytes);
CREATE INDEX jobs_created ON jobs (created_at);
CREATE INDEX jobs_path ON jobs (root, relative);

CREATE TABLE journal (
  job  TEXT NOT NULL,               -- jobs.id
  at   REAL NOT NULL,               -- when it was written
  step TEXT NOT NULL,               -- the step that it is about
  what TEXT NOT NULL,               -- begun, next, back, wait, hold, fail, end, person, stopped
  text TEXT NOT NULL                -- a sentence for a person, '' when the word says it all
) STRICT;
CREATE INDEX journal_job ON journal (job, at);

CREATE TABLE progress (
  job      TEXT PRIMARY KEY,        -- jobs.id
  step     TEXT NOT NULL,           -- the step that reports
  fraction REAL,                    -- 0 to 1 of this step, NULL when nobody knows
  note     TEXT NOT NULL,           -- what it does now, in words
  at       REAL NOT NULL            -- when it was written (at most once a second, not synced)
) STRICT;

CREATE TABLE commands (
  id         INTEGER PRIMARY KEY,   -- the order in which they were given
  verb       TEXT NOT NULL,         -- retry, cancel, wake
  job        TEXT NOT NULL,         -- jobs.id, '' for all
  detail     TEXT NOT NULL,         -- JSON: the verb's own options
  created_at REAL NOT NULL,         -- when somebody asked
  done_at    REAL,                  -- when the worker obeyed, NULL until then
  refused    INTEGER NOT NULL DEFAULT 0, -- 1 when it could not be done
  answer     TEXT NOT NULL          -- what came of it, a sentence
) STRICT;
CREATE INDEX commands_open ON commands (id) WHERE done_at IS NULL;

CREATE TABLE claims (
  outbox TEXT NOT NULL,             -- the folder
  name   TEXT NOT NULL,             -- a final name in it, as names.same has it: one job's alone
  job    TEXT NOT NULL,             -- jobs.id
  PRIMARY KEY (outbox, name)
) STRICT;

CREATE TABLE contents (
  work_key TEXT PRIMARY KEY,        -- a source's hash and the rule values that alter bytes
  job      TEXT NOT NULL            -- jobs.id: the one job that may pay for it
) STRICT;

CREATE TABLE deliveries (           -- what the receipts in the outboxes say, to be asked quickly
  outbox        TEXT NOT NULL,      -- the folder that the receipt lies in
  job           TEXT NOT NULL,      -- the job's id there and then: maybe of another machine
  at            REAL NOT NULL,      -- when it was delivered
  inbox         TEXT NOT NULL,      -- the inbox's name there
  path          TEXT NOT NULL,      -- the source's path below the inbox
  size          INTEGER NOT NULL,   -- the source's size
  mtime_ns      INTEGER NOT NULL,   -- the source's time of change
  sha256        TEXT NOT NULL,      -- the source's hash
  work_key      TEXT NOT NULL,      -- the hash and the rule values that alter bytes
  output_name   TEXT NOT NULL,      -- which of the rule's outputs
  output        TEXT NOT NULL,      -- the result's name below the outbox
  output_size   INTEGER NOT NULL,   -- the result's size
  output_sha256 TEXT NOT NULL,      -- the result's hash
  made_by       TEXT NOT NULL,      -- cloud, encode or copy
  host          TEXT NOT NULL,      -- whose receipt it is
  PRIMARY KEY (outbox, job, path, size, mtime_ns)
) STRICT;
CREATE INDEX deliveries_path ON deliveries (outbox, path);
CREATE INDEX deliveries_key ON deliveries (work_key);
CREATE INDEX deliveries_size ON deliveries (size);
CREATE INDEX deliveries_result ON deliveries (output_size);
CREATE INDEX deliveries_job ON deliveries (job);

CREATE TABLE asked (                -- messages to the agent, as the receipts tell of them
  job      TEXT PRIMARY KEY,        -- the job's id there and then
  work_key TEXT NOT NULL,           -- the content that was asked for
  host     TEXT NOT NULL,           -- whose receipt it is
  at       REAL NOT NULL            -- when
) STRICT;
CREATE INDEX asked_key ON asked (work_key);

CREATE TABLE notes (
  key   TEXT PRIMARY KEY,           -- what is remembered: an outbox's marker, the daemon's start
  value TEXT NOT NULL               -- its value
) STRICT;
