-- Who may connect. The id is a token's "sub"; an address stands for one user, however it is written.
CREATE TABLE users (
    id         uuid        PRIMARY KEY,
    username   text        NOT NULL CHECK (username <> '' AND octet_length(username) <= 128),
    email      text        NOT NULL CHECK (octet_length(email) <= 254),
    active     boolean     NOT NULL DEFAULT true,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
);

CREATE UNIQUE INDEX users_email ON users (lower(email));

CREATE FUNCTION momentum_user_touched() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.updated_at := now();
    RETURN NEW;
END $$;

CREATE TRIGGER momentum_user_touched BEFORE UPDATE ON users
    FOR EACH ROW EXECUTE FUNCTION momentum_user_touched();

-- Nodes are told whom to look up again. Nothing is said of a change that does not concern them.
CREATE FUNCTION momentum_user_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        PERFORM pg_notify('momentum_users', OLD.id::text);
    END IF;
    IF TG_OP = 'INSERT' OR TG_OP = 'UPDATE' AND NEW.id <> OLD.id THEN
        PERFORM pg_notify('momentum_users', NEW.id::text);
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER momentum_user_added AFTER INSERT OR DELETE ON users
    FOR EACH ROW EXECUTE FUNCTION momentum_user_changed();

CREATE TRIGGER momentum_user_changed AFTER UPDATE ON users
    FOR EACH ROW WHEN ((OLD.id, OLD.username, OLD.email, OLD.active) IS DISTINCT FROM (NEW.id, NEW.username, NEW.email, NEW.active))
    EXECUTE FUNCTION momentum_user_changed();

-- Without an id: everybody has to be looked up again.
CREATE FUNCTION momentum_users_gone() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('momentum_users', '');
    RETURN NULL;
END $$;

CREATE TRIGGER momentum_users_gone AFTER TRUNCATE ON users
    FOR EACH STATEMENT EXECUTE FUNCTION momentum_users_gone();
