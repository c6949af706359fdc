#include "services/staking/adapters/liquidity_store.h"

#include "common/base/bytes.h"
#include "common/base/refuse.h"
#include "common/crypto/digest.h"
#include "common/db/audit.h"
#include "common/db/errors.h"
#include "common/db/outbox.h"
#include "common/db/pqxx_access.h"
#include "common/json/write.h"
#include "services/staking/adapters/liquidity_json.h"

namespace navkeeper::staking {
namespace {

constexpr db::TransactionOptions kReading{db::Isolation::kRepeatableRead, true, {}, {}, {}};

struct Next {
  int breach = 1;
  int seq = 1;
  std::optional<int> previous;
  std::optional<std::string> previous_kind;
};

Next after(const std::optional<StoredBreach>& before) {
  if (!before) return {};
  if (!before->breach.is_open()) return {before->number + 1, 1, {}, {}};
  const int count = static_cast<int>(before->breach.events.size());
  return {before->number, count + 1, count,
          std::string(liquidity::describe(before->breach.events.back().kind))};
}

void add_event(db::Transaction& transaction, const model::FundId& fund, const Next& next,
               const liquidity::BreachEvent& event) {
  try {
    db::execute(transaction,
                "INSERT INTO breach_event (fund_id, breach, seq, previous, previous_kind, kind, at_ns, text,"
                " actor) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
                fund, next.breach, next.seq, next.previous, next.previous_kind,
                liquidity::describe(event.kind), event.at, event.text, event.actor);
  } catch (const db::ConstraintViolation&) {
    throw base::Conflict("the breach of " + fund.value() +
                         " was changed by somebody else meanwhile: look at it and say it again");
  }
  json::Writer writer;
  writer.begin_object()
      .member("breach", next.breach)
      .member("fund", fund.value())
      .member("kind", liquidity::describe(event.kind))
      .member("seq", next.seq)
      .member("text", event.text)
      .end_object();
  const std::string body = writer.take();
  db::append_event(transaction, fund.value(), {0, "staking.liquidity_breach", body, event.at.ns()});
  db::append_audit(transaction, fund.value(), {event.actor, event.at.ns(), "staking.breach", body});
}

}  // namespace

PostgresLiquidityStore PostgresLiquidityStore::keyed(const db::KeyedRequest& request) const {
  PostgresLiquidityStore store(pool_);
  store.request_ = request;
  return store;
}

void PostgresLiquidityStore::save(const model::FundId& fund, const LiquidityInputs& inputs,
                                  const LiquidityPicture& picture,
                                  const std::optional<liquidity::BreachEvent>& event,
                                  const std::optional<StoredBreach>& before, const std::string& actor) {
  const std::string text = inputs_text(inputs);
  const auto digest = crypto::sha256(text);
  const std::string answer = picture_text(picture, inputs.now);
  pool_.transact([&](db::Transaction& transaction) {
    db::write_once(transaction, request_, [&](db::Transaction&) {
      db::execute(transaction,
                  "INSERT INTO liquidity_test (fund_id, taken_at_ns, inputs, inputs_hash, regime, standing,"
                  " net_assets, illiquid, answer, actor) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"
                  " ON CONFLICT DO NOTHING",
                  fund, inputs.now, text, base::Bytes(digest.begin(), digest.end()),
                  liquidity::describe(picture.policy.regime), liquidity::describe(picture.test.standing),
                  picture.test.net_assets, picture.test.illiquid, answer, actor);
      if (event) add_event(transaction, fund, after(before), *event);
      json::Writer writer;
      writer.begin_object()
          .member("illiquid", picture.test.illiquid)
          .member("inputs_hash", base::to_hex(digest))
          .member("net_assets", picture.test.net_assets)
          .member("standing", liquidity::describe(picture.test.standing))
          .end_object();
      db::append_audit(transaction, fund.value(),
                       {actor, inputs.now.ns(), "staking.liquidity_tested", writer.take()});
      return answer;
    });
  });
}

void PostgresLiquidityStore::add(const model::FundId& fund, const StoredBreach& to,
                                 const liquidity::BreachEvent& event) {
  const Next next = after(to);
  pool_.transact([&](db::Transaction& transaction) {
    db::write_once(transaction, request_, [&](db::Transaction&) {
      add_event(transaction, fund, next, event);
      StoredBreach added = to;
      added.breach.events.push_back(event);
      return breach_event_json(added);
    });
  });
}

std::optional<StoredTest> PostgresLiquidityStore::newest_test(const model::FundId& fund,
                                                              time::Instant known_at) {
  return pool_.transact(
      [&](db::Transaction& transaction) -> std::optional<StoredTest> {
        const auto rows = db::query(transaction,
                                    "SELECT * FROM liquidity_test WHERE fund_id = $1 AND taken_at_ns <= $2"
                                    " ORDER BY taken_at_ns DESC, inputs_hash LIMIT 1",
                                    fund, known_at);
        if (rows.empty()) return std::nullopt;
        StoredTest stored;
        stored.inputs = read_inputs(base::value_or_refuse(json::parse(rows[0]["inputs"].as<std::string>())));
        stored.inputs_hash = base::to_hex(rows[0]["inputs_hash"].as<base::Bytes>());
        stored.taken_by = rows[0]["actor"].as<std::string>();
        stored.known_at = rows[0]["taken_at_ns"].as<time::Instant>();
        return stored;
      },
      kReading);
}

std::vector<StoredBreach> PostgresLiquidityStore::breaches(const model::FundId& fund,
                                                           time::Instant known_at) {
  return pool_.transact(
      [&](db::Transaction& transaction) {
        std::vector<StoredBreach> found;
        for (const auto& row : db::query(transaction,
                                         "SELECT * FROM breach_event WHERE fund_id = $1 AND at_ns <= $2"
                                         " ORDER BY breach, seq",
                                         fund, known_at)) {
          const int number = row["breach"].as<int>();
          if (found.empty() || found.back().number != number) found.push_back({number, {}});
          found.back().breach.events.push_back(
              {*liquidity::parse_breach_event_kind(row["kind"].as<std::string>()),
               row["at_ns"].as<time::Instant>(), row["text"].as<std::string>(),
               row["actor"].as<std::string>()});
        }
        return found;
      },
      kReading);
}

}  // namespace navkeeper::staking
