-- A signature has several spellings (hexadecimal in two cases, EIP-191's v as 0, 1, 27 or 28, BIP-322 without its prefix), and a signer
-- may sign the same message again: the same attestation was stored several times. From now on the one spelling of a signature is
-- stored (0003 says "as it was given": that holds for the rows from before), and what a valid one shows of an address by a
-- method and a message is stored once. "shows" is nothing where the verdict is not valid, and in rows from before that say what
-- an older one says, or list outputs.
ALTER TABLE attestation ADD COLUMN shows text CHECK (shows <> '');
UPDATE attestation a SET shows = 'control'
 WHERE control = 'valid' AND NOT document::jsonb ?| ARRAY['time_lock', 'claimed_outputs']
   AND NOT EXISTS (SELECT FROM attestation b
                    WHERE (b.fund_id, b.address, b.method, b.message_sha256) = (a.fund_id, a.address, a.method, a.message_sha256)
                      AND b.control = 'valid' AND NOT b.document::jsonb ?| ARRAY['time_lock', 'claimed_outputs']
                      AND (b.verified_at_ns, b.signature_sha256) < (a.verified_at_ns, a.signature_sha256));
ALTER TABLE attestation
  ADD CONSTRAINT an_attestation_is_stored_once UNIQUE (fund_id, address, method, message_sha256, shows),
  ADD CONSTRAINT what_is_valid_shows_something CHECK ((control = 'valid') = (shows IS NOT NULL)) NOT VALID;
