-- A revocation whose end nobody had stated used to end after 30 days, whatever the tokens' "exp". It now holds for
-- ever. The end was computed by a node's clock, so up to an hour of difference from the database's is allowed for.
UPDATE revocations SET until = 9223372036854775807
WHERE issued_before <> 9223372036854775807
    AND abs(until - extract(epoch FROM created_at) - 30 * 24 * 3600) <= 3600;

-- For finding what a new revocation covers.
CREATE INDEX revocations_of ON revocations (token_id, user_id);
