#include "services/custody/adapters/attestation_store.h"

#include <algorithm>

#include "common/db/audit.h"
#include "common/db/pqxx_access.h"
#include "common/json/write.h"

namespace navkeeper::custody {
namespace {

base::Bytes bytes_of(const crypto::Digest256& digest) { return {digest.begin(), digest.end()}; }
base::Bytes bytes_of(const std::string& text) { return {text.begin(), text.end()}; }

crypto::Digest256 digest_of(const base::Bytes& bytes) {
  crypto::Digest256 digest{};
  std::copy_n(bytes.begin(), std::min(bytes.size(), digest.size()), digest.begin());
  return digest;
}

std::string text_of(const base::Bytes& bytes) { return {bytes.begin(), bytes.end()}; }

StoredAttestation attestation_of(const pqxx::row& row) {
  StoredAttestation stored;
  stored.address = row["address"].as<std::string>();
  stored.method = *signature_method(row["method"].as<std::string>());
  stored.use = *address_use(row["use"].as<std::string>());
  stored.control = row["control"].as<std::string>();
  stored.document = row["document"].as<std::string>();
  stored.message_sha256 = digest_of(row["message_sha256"].as<base::Bytes>());
  stored.signature_sha256 = digest_of(row["signature_sha256"].as<base::Bytes>());
  stored.verified_at = row["verified_at_ns"].as<time::Instant>();
  stored.actor = row["actor"].as<std::string>();
  stored.message = text_of(row["message"].as<base::Bytes>());
  stored.signature = text_of(row["signature"].as<base::Bytes>());
  if (!row["shows"].is_null()) stored.shows = row["shows"].as<std::string>();
  return stored;
}

std::string audit_text(const StoredAttestation& one) {
  json::Writer writer;
  writer.begin_object()
      .member("address", one.address)
      .member("control", one.control)
      .member("message_sha256", base::to_hex(one.message_sha256))
      .member("method", describe(one.method))
      .member("signature_sha256", base::to_hex(one.signature_sha256))
      .member("use", describe(one.use))
      .end_object();
  return writer.take();
}

}  // namespace

StoredAttestation keep_attestation(db::Transaction& transaction, const model::FundId& fund,
                                   const StoredAttestation& one) {
  const std::size_t is_new = db::execute(
      transaction,
      "INSERT INTO attestation (fund_id, address, method, message_sha256, signature_sha256, "
      "message, signature,"
      " use, control, document, verified_at_ns, actor, shows) VALUES ($1, $2, $3, $4, $5, $6, $7, "
      "$8, $9, $10, $11, $12, $13)"
      " ON CONFLICT DO NOTHING",
      fund, one.address, describe(one.method), bytes_of(one.message_sha256), bytes_of(one.signature_sha256),
      bytes_of(one.message), bytes_of(one.signature), describe(one.use), one.control, one.document,
      one.verified_at, one.actor, one.shows);
  if (is_new > 0) {
    db::append_audit(transaction, fund.value(),
                     {one.actor, one.verified_at.ns(), "custody.attested", audit_text(one)});
    return one;
  }
  // What shows the same comes before the same signature, which older rules may have judged otherwise.
  const auto rows = db::query(
      transaction,
      "SELECT * FROM attestation WHERE fund_id = $1 AND address = $2 AND method = $3 AND message_sha256 = $4"
      " AND (signature_sha256 = $5 OR shows = $6) ORDER BY shows = $6 DESC NULLS LAST LIMIT 1",
      fund, one.address, describe(one.method), bytes_of(one.message_sha256), bytes_of(one.signature_sha256),
      one.shows);
  return attestation_of(rows.at(0));
}

std::vector<StoredAttestation> list_attestations(db::Transaction& transaction, const model::FundId& fund,
                                                 const std::string& address) {
  std::vector<StoredAttestation> found;
  for (const auto& row :
       db::query(transaction,
                 "SELECT * FROM attestation WHERE fund_id = $1 AND ($2 = '' OR address = $2)"
                 " ORDER BY verified_at_ns DESC, address, method, message_sha256, signature_sha256",
                 fund, address))
    found.push_back(attestation_of(row));
  return found;
}

}  // namespace navkeeper::custody
