-- The books know a customer by the number: what they have is exported, and kept.
-- depends: 20261127_1932_party_privacy 20261120_1330_ledger_archive
-- links: party ledger

INSERT INTO party.personal_data_tables (
    table_name, customer_column, is_by_number, treatment, reason
)
VALUES
('ledger.journal_lines', 'counterparty', true, 'keep', 'Books are kept by law; name nobody.'),
('ledger.matches', 'counterparty', true, 'keep', 'Books are kept by law; name nobody.'),
(
    'ledger_archive.journal_lines', 'counterparty', true, 'keep',
    'Books are kept by law; name nobody.'
);
