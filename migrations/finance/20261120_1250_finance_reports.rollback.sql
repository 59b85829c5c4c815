DROP TABLE finance.financial_reports;
DROP SCHEMA finance;
