-- Whoever posts events asks for what became known since.
CREATE INDEX staking_event_learned ON staking_event (fund_id, known_at_ns, id COLLATE "C");
