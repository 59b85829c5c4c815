-- The end of a year empties accounts whatever their limits: where it left them is kept.
-- depends: 20261127_1300_ledger_revaluation
-- No client may call it:
-- squawk-ignore-file ban-drop-function

DROP FUNCTION IF EXISTS ledger.change_heads(integer, ledger.head_change[]);

ALTER TABLE ledger.account_heads
ADD COLUMN closed_low core.amount NOT NULL DEFAULT 0,
ADD COLUMN closed_high core.amount NOT NULL DEFAULT 0;
COMMENT ON COLUMN ledger.account_heads.closed_low IS
'Balance less what was held to be credited, when a fiscal year was last closed or reopened, which '
'no limit holds up; 0 before, and since the limits were last set. Nothing posted or held since '
'leads farther below a limit.';
COMMENT ON COLUMN ledger.account_heads.closed_high IS
'Balance and what was held to be debited, at that time. Nothing posted or held since leads farther '
'above a limit.';
