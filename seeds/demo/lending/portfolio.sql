-- A small portfolio of tenant Umoja: ten loans of 2025 as they turn out, made by the functions
-- that applications call, with books of their own where the ledger is in the same database.
INSERT INTO identity.tenants AS t (name)
VALUES ('Umoja')
ON CONFLICT (name) DO NOTHING;

DO $do$
DECLARE
    v_tenant integer;
    v_desk text;
    v_board text;
    v_row record;
    v_loan uuid;
    v_count bigint;
BEGIN
    SELECT t.id INTO STRICT v_tenant
    FROM identity.tenants AS t
    WHERE t.name = 'Umoja';
    PERFORM set_config('pgerp.tenant_id', v_tenant::text, true);
    IF EXISTS (SELECT FROM identity.businesses AS b WHERE b.tenant_id = v_tenant) THEN
        RETURN;
    END IF;
    -- Who takes applications does not decide on them.
    v_desk := identity.issue_token(v_tenant, 'front-desk', p_permissions => '{*}');
    v_board := identity.issue_token(v_tenant, 'loan-board', p_permissions => '{*}');
    PERFORM set_config('pgerp.token', v_desk, true);
    PERFORM identity.create_business('UMOJA', 'Umoja Microfinance', 'KES');
    PERFORM identity.create_user('grace', 'Grace Achieng', NULL, true);
    PERFORM identity.create_user('peter', 'Peter Mwangi', NULL, true);

    IF to_regnamespace('ledger') IS NOT NULL THEN
        PERFORM ledger.create_fiscal_year('UMOJA', '2025-01-01');
        FOR v_row IN
            SELECT a.*
            FROM (
                VALUES
                ('1010', 'Cash', 'ASSET', 'loan_cash', false),
                ('1020', 'Bank', 'ASSET', 'loan_bank', false),
                ('1030', 'M-Pesa', 'ASSET', 'loan_mobile_money', false),
                ('1310', 'Loans', 'ASSET', 'loans_receivable', true),
                ('1320', 'Interest receivable', 'ASSET', 'loan_interest_receivable', true),
                ('1330', 'Fees receivable', 'ASSET', 'loan_fees_receivable', true),
                ('1340', 'Penalties receivable', 'ASSET', 'loan_penalties_receivable', true),
                ('1390', 'Allowance for loss', 'ASSET', 'loan_loss_allowance', true),
                ('2310', 'Overpayments and advances', 'LIABILITY', 'loan_advances', true),
                ('2320', 'Payments under correction', 'LIABILITY', 'loan_payment_clearing', true),
                ('3100', 'Capital', 'EQUITY', NULL, false),
                ('3310', 'Portfolio taken over', 'EQUITY', 'loan_opening_balance', false),
                ('4310', 'Interest', 'REVENUE', 'loan_interest_income', false),
                ('4320', 'Fees', 'REVENUE', 'loan_fee_income', false),
                ('4330', 'Penalties', 'REVENUE', 'loan_penalty_income', false),
                ('4340', 'Recoveries', 'REVENUE', 'loan_recovery_income', false),
                ('5310', 'Waivers', 'EXPENSE', 'loan_waivers', false),
                ('5320', 'Loan losses', 'EXPENSE', 'loan_loss_expense', false)
            ) AS a (code, name, type, role, is_controlled)
        LOOP
            PERFORM ledger.create_account(v_row.code, v_row.name, v_row.type);
            IF v_row.role IS NOT NULL THEN
                PERFORM ledger.set_account_role(v_row.role, v_row.code);
            END IF;
            IF v_row.is_controlled THEN
                PERFORM ledger.set_control_module(v_row.code, 'lending');
            END IF;
        END LOOP;
        PERFORM ledger.create_reference_rules(
            ARRAY(SELECT t.code FROM events.event_types AS t WHERE starts_with(t.code, 'lending.'))
        );
        PERFORM ledger.create_journal_entry('UMOJA', '2025-01-01', 'Capital', '[
            {"account": "1020", "debit": "2000000"}, {"account": "3100", "credit": "2000000"}
        ]');
    END IF;

    PERFORM
        lending.save_branch('UMOJA', 'KSM', 'Kisumu'),
        lending.save_branch('UMOJA', 'NKR', 'Nakuru');
    PERFORM lending.save_product('UMOJA', 'trade', '{
        "name": "Trade loan", "min_principal": 5000, "max_principal": 200000,
        "min_instalments": 3, "max_instalments": 24, "min_rate_percent": 12,
        "default_rate_percent": 24, "max_rate_percent": 36, "round_to": 10,
        "penalty_rate_percent": 36, "penalty_grace_days": 3, "penalty_cap_percent": 20,
        "effective_from": "2025-01-01",
        "fees": [{"code": "file", "name": "File fee", "occasion": "disbursement",
                  "basis": "percent", "amount": 2}]
    }');
    PERFORM lending.save_product('UMOJA', 'season', '{
        "name": "Season loan", "min_principal": 2000, "max_principal": 50000,
        "min_instalments": 3, "max_instalments": 12, "min_rate_percent": 10,
        "default_rate_percent": 18, "max_rate_percent": 30, "method": "flat",
        "effective_from": "2025-01-01"
    }');

    FOR v_row IN
        SELECT l.*, row_number() OVER () AS n
        FROM (
            VALUES
            ('Akinyi', 'Odhiambo', 'trade', 60000, 12, '2025-01-10', 'grace', 'KSM'),
            ('Barasa', 'Wekesa', 'trade', 40000, 6, '2025-02-05', 'grace', 'KSM'),
            ('Chebet', 'Koech', 'season', 20000, 6, '2025-03-03', 'peter', 'NKR'),
            ('Daudi', 'Njoroge', 'trade', 80000, 12, '2025-03-17', 'peter', 'NKR'),
            ('Esther', 'Muthoni', 'trade', 50000, 10, '2025-04-01', 'peter', 'NKR'),
            ('Fatuma', 'Ali', 'season', 12000, 6, '2025-04-14', 'grace', 'KSM'),
            ('George', 'Omondi', 'trade', 100000, 12, '2025-05-02', 'grace', 'KSM'),
            ('Halima', 'Yusuf', 'season', 30000, 6, '2025-05-20', 'peter', 'NKR'),
            ('Isaac', 'Kiptoo', 'trade', 25000, 6, '2025-01-20', 'peter', 'NKR'),
            ('Joyce', 'Atieno', 'season', 15000, 3, '2025-08-11', 'grace', 'KSM')
        ) AS l (given, family, product, principal, instalments, on_day, officer, branch)
    LOOP
        PERFORM set_config('pgerp.token', v_desk, true);
        v_loan := lending.apply_for_loan(
            'UMOJA',
            party.create_customer(jsonb_build_object(
                'given_name', v_row.given, 'family_name', v_row.family,
                'email', lower(v_row.given) || '@example.com'
            )),
            v_row.product,
            v_row.principal,
            v_row.instalments,
            v_row.on_day::date - 7,
            p_disburse_on => v_row.on_day::date,
            p_officer => v_row.officer,
            p_branch_code => v_row.branch,
            p_loan_no => 'U-' || v_row.n
        );
        PERFORM set_config('pgerp.token', v_board, true);
        PERFORM lending.approve_loan(v_loan, p_approved_on => v_row.on_day::date - 2);
        PERFORM set_config('pgerp.token', v_desk, true);
        PERFORM lending.disburse_loan(v_loan, 'mpesa', v_row.on_day::date);
    END LOOP;

    -- What became of them: each pays what its schedule says on its days, as often as here, and then
    -- what is said below.
    FOR v_row IN
        SELECT l.id, i.due_date::date AS due_date, i.amount::numeric AS amount
        FROM (
            VALUES
            ('U-1', 8), ('U-2', 5), ('U-3', 3), ('U-4', 2), ('U-5', 3), ('U-6', 4), ('U-7', 1),
            ('U-8', 4), ('U-9', 1), ('U-10', 1)
        ) AS p (loan_no, paid)
        INNER JOIN lending.loans AS l ON l.tenant_id = v_tenant AND l.loan_no = p.loan_no
        INNER JOIN lending.payment_schedules AS i
            ON i.tenant_id = v_tenant AND i.loan_id = l.id AND i.instalment_no <= p.paid
        ORDER BY i.due_date, l.loan_no
    LOOP
        PERFORM lending.record_loan_payment(v_row.id, v_row.amount, v_row.due_date, 'mpesa');
    END LOOP;
    FOR v_row IN
        SELECT l.loan_no, l.id
        FROM lending.loans AS l
        WHERE l.tenant_id = v_tenant
    LOOP
        CASE v_row.loan_no
            WHEN 'U-2' THEN  -- The last instalment with a mistake: money is to be given back.
                PERFORM lending.record_loan_payment(v_row.id, 8000, '2025-08-04', 'mpesa');
            WHEN 'U-3' THEN  -- Half an instalment.
                PERFORM lending.record_loan_payment(v_row.id, 1800, '2025-08-20', 'cash');
            WHEN 'U-5' THEN  -- Eased after two instalments were missed.
                PERFORM lending.reschedule_loan(
                    v_row.id, 12, '2025-09-08', p_reason => 'Harvest failed'
                );
            WHEN 'U-6' THEN  -- Paid back before its time.
                PERFORM lending.record_loan_payment(
                    v_row.id, lending.payoff_amount(v_row.id, '2025-09-01'), '2025-09-01', 'bank'
                );
            WHEN 'U-9' THEN  -- Given up, and a little of it recovered.
                PERFORM lending.write_off_loan(v_row.id, '2025-09-15', 'Shop burnt down');
                PERFORM lending.record_loan_recovery(v_row.id, 2000, '2025-09-25', 'cash');
            ELSE NULL;
        END CASE;
    END LOOP;

    PERFORM lending.set_provision_rates('UMOJA', '[
        {"min_days_past_due": 0, "rate_percent": 1}, {"min_days_past_due": 1, "rate_percent": 5},
        {"min_days_past_due": 31, "rate_percent": 25},
        {"min_days_past_due": 91, "rate_percent": 50},
        {"min_days_past_due": 181, "rate_percent": 100}
    ]');
    CALL lending.run_daily_jobs('UMOJA', '2025-09-30', v_count);
END;
$do$;
