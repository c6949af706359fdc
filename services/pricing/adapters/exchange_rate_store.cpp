// What issuers say their liquid-staking tokens stand for: the part of SqlPriceStore that two people fill.
#include <algorithm>

#include "common/base/outside.h"
#include "common/base/refuse.h"
#include "common/db/pqxx_access.h"
#include "common/json/write.h"
#include "services/pricing/adapters/announce.h"
#include "services/pricing/adapters/price_json.h"
#include "services/pricing/adapters/price_store.h"

namespace navkeeper::pricing {
namespace {

constexpr const char* kRateColumns =
    "SELECT r.as_of_ns, r.coins_per_token, r.source, r.answer, coalesce(a.known_at_ns, r.known_at_ns) AS "
    "known_at_ns, r.actor, a.approved_by FROM exchange_rate r LEFT JOIN exchange_rate_approval a USING "
    "(token, "
    "as_of_ns, coins_per_token, source) ";

StoredExchangeRate rate_of(const pqxx::row& row) {
  return {{row["coins_per_token"].as<money::Decimal>(), row["as_of_ns"].as<time::Instant>(),
           row["source"].as<std::string>()},
          row["answer"].as<std::string>(),
          row["known_at_ns"].as<time::Instant>(),
          row["actor"].as<std::string>(),
          row["approved_by"].is_null() ? std::string() : row["approved_by"].as<std::string>()};
}

std::string rate_fact(const model::AssetId& token, const ExchangeRate& rate, const std::string& approved_by) {
  json::Writer writer;
  writer.begin_object();
  if (!approved_by.empty()) writer.member("approved_by", std::string_view(approved_by));
  writer.member("as_of", std::string_view(rate.as_of.to_string()))
      .member("coins_per_token", rate.coins_per_token)
      .member("source", std::string_view(rate.source))
      .member("token", std::string_view(token.value()))
      .end_object();
  return writer.take();
}

/// Those who enter or approve different rates of one instant wait for each other.
void lock_rates(db::Transaction& transaction, const model::AssetId& token) {
  db::query(transaction, "SELECT pg_advisory_xact_lock(hashtextextended('exchange_rate ' || $1, 0))", token);
}

}  // namespace

std::optional<StoredExchangeRate> SqlPriceStore::exchange_rate(const model::AssetId& token, time::Instant at,
                                                               time::Instant known_at) {
  return pool_.transact([&](db::Transaction& transaction) -> std::optional<StoredExchangeRate> {
    // Of one instant the issuer's own answer comes first.
    const auto rows =
        db::query(transaction,
                  std::string(kRateColumns) +
                      "WHERE token = $1 AND as_of_ns <= $2 AND r.known_at_ns <= $3 AND (r.answer "
                      "<> '' OR a.known_at_ns <= $3) ORDER BY as_of_ns DESC, r.answer = '', "
                      "a.known_at_ns DESC, r.known_at_ns DESC, coins_per_token, source LIMIT 1",
                  token, at, known_at);
    if (rows.empty()) return std::nullopt;
    return rate_of(rows[0]);
  });
}

std::optional<ExchangeRate> SqlPriceStore::rate_used(const StoredPrice& price) {
  return rate_in_document(price.document);
}

std::optional<ExchangeRate> SqlPriceStore::first_rate_used(const PriceKey& key) {
  return pool_.transact([&](db::Transaction& transaction) -> std::optional<ExchangeRate> {
    const auto rows =
        db::query(transaction,
                  "SELECT document FROM price WHERE asset = $1 AND act = $2 AND basis = $3 AND date < $4 AND "
                  "document::jsonb #>> '{liquid_staking,by_rate}' IS NOT NULL ORDER BY date, version LIMIT 1",
                  key.asset, describe(key.track.act), describe(key.track.basis), key.date);
    if (rows.empty()) return std::nullopt;
    return rate_in_document(rows[0][0].as<std::string>());
  });
}

std::vector<StoredExchangeRate> SqlPriceStore::exchange_rates(const model::AssetId& token, int count_max) {
  return pool_.transact([&](db::Transaction& transaction) {
    std::vector<StoredExchangeRate> rates;
    for (const auto& row :
         db::query(transaction,
                   std::string(kRateColumns) +
                       "WHERE token = $1 ORDER BY as_of_ns DESC, r.known_at_ns DESC, source LIMIT $2",
                   token, count_max))
      rates.push_back(rate_of(row));
    return rates;
  });
}

bool SqlPriceStore::add_exchange_rate(const model::AssetId& token, const StoredExchangeRate& rate) {
  bool is_new = false;
  write([&](db::Transaction& transaction) {
    std::string fact = rate_fact(token, rate.rate, "");
    lock_rates(transaction, token);
    const auto other = db::query(transaction,
                                 "SELECT coins_per_token FROM exchange_rate r LEFT JOIN "
                                 "exchange_rate_approval a USING (token, as_of_ns, "
                                 "coins_per_token, source) WHERE token = $1 AND as_of_ns = $2 AND source = "
                                 "$3 AND coins_per_token <> $4 AND "
                                 "(r.answer <> '' OR a.approved_by IS NOT NULL)",
                                 token, rate.rate.as_of, rate.rate.source, rate.rate.coins_per_token);
    if (!other.empty())
      throw base::Conflict(token.value() + ": the exchange rate as of " + rate.rate.as_of.to_string() +
                           " of " + rate.rate.source + " is stored as " +
                           other[0][0].as<money::Decimal>().to_string() +
                           "; one instant of one source has one rate");
    is_new = db::execute(transaction,
                         "INSERT INTO exchange_rate (token, as_of_ns, coins_per_token, source, answer, "
                         "known_at_ns, actor) VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING",
                         token, rate.rate.as_of, rate.rate.coins_per_token, rate.rate.source, rate.answer,
                         rate.known_at, rate.actor) == 1;
    if (is_new) announce(transaction, "exchange_rate_stored", fact, rate.actor, rate.known_at);
    return fact;
  });
  return is_new;
}

bool SqlPriceStore::approve_exchange_rate(const model::AssetId& token, const ExchangeRate& rate,
                                          const model::ActorId& by, time::Instant now) {
  bool is_new = false;
  const std::string where = token.value() + " as of " + rate.as_of.to_string();
  write([&](db::Transaction& transaction) {
    std::string fact = rate_fact(token, rate, by.value());
    lock_rates(transaction, token);
    std::optional<StoredExchangeRate> proposed;
    for (const auto& row :
         db::query(transaction, std::string(kRateColumns) + "WHERE token = $1 AND as_of_ns = $2", token,
                   rate.as_of)) {
      const StoredExchangeRate stored = rate_of(row);
      const bool is_it =
          stored.rate.source == rate.source && stored.rate.coins_per_token == rate.coins_per_token;
      if (is_it) proposed = stored;
      if (!is_it && stored.counts() && stored.rate.coins_per_token != rate.coins_per_token)
        throw base::Conflict(where + ": " + stored.rate.coins_per_token.to_string() + " of " +
                             stored.rate.source + " counts already");
    }
    if (!proposed)
      base::refuse(where,
                   "no rate " + rate.coins_per_token.to_string() + " of " + rate.source + " was entered");
    if (!proposed->answer.empty()) base::refuse(where, "is the issuer's own answer, which counts as it is");
    if (proposed->actor == by.value())
      base::refuse(where, "was entered by " + by.value() + ", who may not approve it");
    if (!proposed->approved_by.empty() && proposed->approved_by != by.value())
      throw base::Conflict(where + ": was approved by " + proposed->approved_by + " already");
    const time::Instant at = std::max(now, proposed->known_at);  // It may be from a clock that was ahead.
    is_new =
        db::execute(
            transaction,
            "INSERT INTO exchange_rate_approval (token, as_of_ns, coins_per_token, source, proposed_by, "
            "approved_by, known_at_ns) VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING",
            token, rate.as_of, proposed->rate.coins_per_token, rate.source, proposed->actor, by, at) == 1;
    if (is_new) announce(transaction, "exchange_rate_approved", fact, by.value(), at);
    return fact;
  });
  return is_new;
}

}  // namespace navkeeper::pricing
