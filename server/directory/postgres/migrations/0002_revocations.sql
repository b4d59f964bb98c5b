-- Tokens that were taken back before they expire. Dates are in seconds since 1970.
CREATE TABLE revocations (
    id            bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    token_id      text        NOT NULL DEFAULT '' CHECK (octet_length(token_id) <= 128),
    user_id       uuid        NOT NULL,
    issued_before bigint      NOT NULL DEFAULT 0,
    until         bigint      NOT NULL,
    created_at    timestamptz NOT NULL DEFAULT now()
);

CREATE INDEX revocations_until ON revocations (until);

CREATE FUNCTION momentum_revoked() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('momentum_revocations', json_build_object(
        'token_id', NEW.token_id, 'user_id', NEW.user_id, 'issued_before', NEW.issued_before, 'until', NEW.until)::text);
    RETURN NULL;
END $$;

CREATE TRIGGER momentum_revoked AFTER INSERT ON revocations
    FOR EACH ROW EXECUTE FUNCTION momentum_revoked();
