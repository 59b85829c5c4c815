-- What the steps of posting a batch hand to each other: the period of an entry, sums for balances.
-- depends: 20261120_1345_ledger_seals

ALTER TYPE ledger.parsed_entry ADD ATTRIBUTE period_id uuid;

CREATE TYPE ledger.balance_change AS (
    account_id uuid,
    business_id integer,
    period_id uuid,
    currency_code text,
    stripe integer,
    debit numeric,
    credit numeric,
    currency_amount numeric
);
COMMENT ON TYPE ledger.balance_change IS
'What posted lines add to one row of ledger.account_balances; its columns as there.';

CREATE TYPE ledger.batch_proof AS (
    doubtful uuid [],
    is_watched boolean,
    changes ledger.balance_change []
);
COMMENT ON TYPE ledger.batch_proof IS
'What ledger.prove_entries found in posted entries: which are not plainly sound, whether an '
'account is watched, and what they add to the balances.';
