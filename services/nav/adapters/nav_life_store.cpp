#include "services/nav/adapters/nav_life_store.h"

#include <algorithm>

#include "common/base/ensure.h"
#include "common/base/refuse.h"
#include "common/crypto/digest.h"
#include "common/db/audit.h"
#include "common/db/pqxx_access.h"
#include "services/nav/adapters/books_store.h"
#include "services/nav/adapters/contingent_json.h"
#include "services/nav/adapters/fund_known_store.h"
#include "services/nav/adapters/peer_evidence.h"

namespace navkeeper::nav {
namespace {

constexpr db::TransactionOptions kReading{db::Isolation::kRepeatableRead, true, {}, {}, {}};

base::Bytes hash_of(std::string_view content) {
  const auto digest = crypto::sha256(content);
  return {digest.begin(), digest.end()};
}

model::ActorId actor_of(const pqxx::field& field) {
  return base::value_or_refuse(model::ActorId::parse(field.as<std::string>()));
}

money::Decimal coins_in(const StoredBooks& stored, const std::string& asset, const std::string& account) {
  money::Decimal sum;
  for (const StoredBalance& balance : stored.balances) {
    const bool is_below = balance.account == account || balance.account.starts_with(account + ":");
    if (balance.commodity == asset && is_below) sum += balance.balance.to_decimal(balance.decimals);
  }
  return sum;
}

}  // namespace

void add_booked(db::Transaction& transaction, const model::FundId& fund, PeerStatement& statement) {
  const auto stored = load_books(transaction, fund, {books::Basis::kSettled, statement.as_of, std::nullopt});
  if (!stored) return;
  for (const books::AssetDefinition& asset : stored->assets) {
    money::Decimal booked;
    if (statement.is_reconciliation && statement.kind == PeerKind::kStaking) {
      // What lies at staking, a validator's credited rewards among it, be they income already or not.
      const std::string coin = books::account_part(asset.asset);
      for (const std::string& account :
           {"Assets:Staked:" + coin, "Assets:Activating:" + coin, "Assets:Unbonding:" + coin,
            "Assets:Rewards receivable:Credited:" + coin,
            policy::reward_pending_account(asset.asset, policy::RewardStage::kProtocolCredit)})
        booked += coins_in(*stored, asset.asset, account);
    } else if (statement.is_reconciliation) {
      // What can be kept somewhere: income that was not received yet is nowhere.
      for (const char* account :
           {"Assets:Coins:", "Assets:Staked:", "Assets:Activating:", "Assets:Unbonding:"})
        booked += coins_in(*stored, asset.asset, account + books::account_part(asset.asset));
    } else {
      // What is owed to redemptions is in custody still.
      if (statement.kind == PeerKind::kCustody)
        booked -=
            coins_in(*stored, asset.asset, std::string(books::kOwedCoins) + books::account_part(asset.asset));
      booked += coins_in(*stored, asset.asset,
                         statement.kind == PeerKind::kCustody
                             ? "Assets"
                             : "Assets:Staked:" + books::account_part(asset.asset));
    }
    auto line = std::find_if(statement.lines.begin(), statement.lines.end(), [&](const PeerLine& candidate) {
      return candidate.asset.value() == asset.asset;
    });
    if (line == statement.lines.end()) {
      if (booked.is_zero()) continue;
      line = statement.lines.insert(line, PeerLine{model::AssetId::literal(asset.asset)});
    }
    line->booked = booked;
  }
}

std::vector<DealtOrder> PostgresNavLifeStore::dealt(const model::FundId& fund, const StoredNav& correct) {
  return pool_.transact(
      [&](db::Transaction& transaction) {
        std::vector<DealtOrder> orders;
        for (const auto& row : db::query(
                 transaction,
                 "SELECT e.source, e.source_id, e.kind, c.change FROM entry e JOIN share_change c "
                 "USING (fund_id, seq) WHERE e.fund_id = $1 AND e.trade_date = $2 AND e.reverses IS NULL "
                 "AND e.source <> 'own day' "
                 "AND NOT (e.source = 'order' AND EXISTS (SELECT FROM order_price o WHERE "
                 "o.fund_id = e.fund_id AND e.source_id IN (o.order_id, o.order_id || ' close-out'))) "
                 "AND NOT EXISTS (SELECT FROM entry r WHERE r.fund_id = e.fund_id AND r.reverses = e.seq) "
                 "ORDER BY e.seq",
                 fund, correct.summary.valuation_date.to_string())) {
          DealtOrder order;
          order.id = row["source"].as<std::string>() + ":" + row["source_id"].as<std::string>();
          const auto change = row["change"].as<money::Decimal>();
          order.side = change.is_negative() ? OrderSide::kRedemption : OrderSide::kCreation;
          order.shares = change.abs();
          orders.push_back(std::move(order));
        }
        return orders;
      },
      kReading);
}

std::vector<StoredErrorReport> PostgresNavLifeStore::reports(const model::FundId& fund) {
  return pool_.transact(
      [&](db::Transaction& transaction) {
        std::vector<StoredErrorReport> found;
        for (const auto& row : db::query(transaction,
                                         "SELECT number, content, content_hash, made_by, known_at_ns "
                                         "FROM nav_error_report WHERE fund_id = $1 ORDER BY number",
                                         fund)) {
          StoredErrorReport report(actor_of(row["made_by"]));
          report.number = row["number"].as<int>();
          report.content = row["content"].as<std::string>();
          report.hash = base::to_hex(row["content_hash"].as<base::Bytes>());
          report.made_at = time::Instant::from_ns(row["known_at_ns"].as<std::int64_t>());
          found.push_back(std::move(report));
        }
        return found;
      },
      kReading);
}

PostgresNavLifeStore PostgresNavLifeStore::keyed(const db::KeyedRequest& request) const {
  PostgresNavLifeStore store = *this;
  store.request_ = request;
  return store;
}

int PostgresNavLifeStore::add_report(const model::FundId& fund, const std::string& content,
                                     const model::ActorId& actor, time::Instant now) {
  int number = 0;
  pool_.transact([&](db::Transaction& transaction) {
    db::write_once(transaction, request_, [&](db::Transaction&) {
      require_fund(transaction, fund);
      const base::Bytes hash = hash_of(content);
      const auto known = db::query(
          transaction, "SELECT number FROM nav_error_report WHERE fund_id = $1 AND content_hash = $2", fund,
          hash);
      if (!known.empty()) {
        number = known[0][0].as<int>();
        return content;
      }
      number = db::query(transaction,
                         "SELECT coalesce(max(number), 0) + 1 FROM nav_error_report WHERE fund_id = $1",
                         fund)[0][0]
                   .as<int>();
      db::execute(
          transaction,
          "INSERT INTO nav_error_report (fund_id, number, content, content_hash, made_by, known_at_ns) "
          "VALUES ($1, $2, $3, $4, $5, $6)",
          fund, number, content, hash, actor, now.ns());
      db::append_audit(transaction, fund.value(), {actor.value(), now.ns(), "nav_error_reported", content});
      return content;
    });
  });
  return number;
}

int PostgresNavLifeStore::add_contingent(const model::FundId& fund, const ContingentNav& nav,
                                         const model::ActorId& actor, time::Instant now) {
  const std::string content = contingent_json(fund, nav);
  return pool_.transact([&](db::Transaction& transaction) {
    require_fund(transaction, fund);
    const std::string date = nav.date.to_string();
    const base::Bytes hash = hash_of(content);
    const auto known = db::query(transaction,
                                 "SELECT number FROM nav_contingent WHERE fund_id = $1 AND "
                                 "valuation_date = $2 AND content_hash = $3",
                                 fund, date, hash);
    if (!known.empty()) return known[0][0].as<int>();
    const int number = db::query(transaction,
                                 "SELECT coalesce(max(number), 0) + 1 FROM nav_contingent "
                                 "WHERE fund_id = $1 AND valuation_date = $2",
                                 fund, date)[0][0]
                           .as<int>();
    db::execute(transaction,
                "INSERT INTO nav_contingent (fund_id, valuation_date, number, content, content_hash, "
                "struck_by, known_at_ns) VALUES ($1, $2, $3, $4, $5, $6, $7)",
                fund, date, number, content, hash, actor, now.ns());
    db::append_audit(transaction, fund.value(), {actor.value(), now.ns(), "contingent_nav_struck", content});
    return number;
  });
}

std::vector<StoredContingent> PostgresNavLifeStore::contingents(const model::FundId& fund,
                                                                std::optional<time::Date> date) {
  return pool_.transact(
      [&](db::Transaction& transaction) {
        std::vector<StoredContingent> found;
        const auto day = date ? std::optional(date->to_string()) : std::nullopt;
        for (const auto& row : db::query(
                 transaction,
                 "SELECT number, content, struck_by, known_at_ns FROM nav_contingent WHERE fund_id = $1 "
                 "AND ($2::date IS NULL OR valuation_date = $2::date) ORDER BY valuation_date, number",
                 fund, day)) {
          StoredContingent stored(actor_of(row["struck_by"]));
          stored.nav = read_contingent(row["content"].as<std::string>());
          stored.number = row["number"].as<int>();
          stored.struck_at = time::Instant::from_ns(row["known_at_ns"].as<std::int64_t>());
          found.push_back(std::move(stored));
        }
        return found;
      },
      kReading);
}

bool PostgresNavLifeStore::add_evidence(const model::FundId& fund, time::Date date,
                                        const std::string& content, const model::ActorId& actor,
                                        time::Instant now) {
  const PeerStatement statement = read_peer_statement(content);
  return pool_.transact([&](db::Transaction& transaction) {
    require_fund(transaction, fund);
    const std::string kind(describe(statement.kind));
    const base::Bytes hash = hash_of(content);
    const auto newest = db::query(transaction,
                                  "SELECT number, content_hash FROM nav_evidence WHERE fund_id = $1 AND "
                                  "valuation_date = $2 AND kind = $3 ORDER BY number",
                                  fund, date.to_string(), kind);
    for (const auto& row : newest) {
      if (row["content_hash"].as<base::Bytes>() == hash) return false;
    }
    const int number = newest.empty() ? 1 : newest.back()["number"].as<int>() + 1;
    db::execute(transaction,
                "INSERT INTO nav_evidence (fund_id, valuation_date, kind, number, content, content_hash, "
                "recorded_by, known_at_ns) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
                fund, date.to_string(), kind, number, content, hash, actor, now.ns());
    db::append_audit(transaction, fund.value(), {actor.value(), now.ns(), "nav_evidence_recorded", content});
    return true;
  });
}

}  // namespace navkeeper::nav
