#include "services/staking/adapters/validator_set_store.h"

#include "common/db/pqxx_access.h"
#include "services/staking/adapters/rows.h"
#include "services/staking/adapters/staking_store.h"

namespace navkeeper::staking {
namespace {

constexpr db::TransactionOptions kReadingSets{db::Isolation::kRepeatableRead, true, {}, {}, {}};

std::uint64_t height_in(const pqxx::row& row, const char* column) { return row[column].as<std::uint64_t>(); }

void load_records(db::Transaction& transaction, const model::FundId& fund, ValidatorSet& set) {
  for (const auto& row : db::query(transaction,
                                   "SELECT * FROM validator_record WHERE fund_id = $1 AND source = $2 AND"
                                   " height = $3 ORDER BY validator COLLATE \"C\"",
                                   fund, set.source, height_of(set.mark.height))) {
    ValidatorRecord one;
    one.address = row["validator"].as<std::string>();
    one.consensus_address = row["consensus_address"].as<std::string>();
    one.name = row["name"].as<std::string>();
    one.status = row["status"].as<std::string>();
    one.jailed = row["jailed"].as<bool>();
    one.tombstoned = row["tombstoned"].as<bool>();
    one.tokens = row["tokens"].as<money::Decimal>();
    one.commission = row["commission"].as<money::Decimal>();
    one.tokens_max = db::optional_of<money::Decimal>(row["tokens_max"]);
    one.signed_window = db::optional_of<std::uint64_t>(row["signed_window"]);
    one.missed_blocks = height_in(row, "missed_blocks");
    one.signing_since = height_in(row, "signing_since");
    one.observed_since = row["observed_since_ns"].as<time::Instant>();
    one.slashes_to = height_in(row, "slashes_to");
    set.validators.push_back(std::move(one));
  }
}

void load_slashes(db::Transaction& transaction, const model::FundId& fund, ValidatorSet& set) {
  for (const auto& row : db::query(transaction,
                                   "SELECT * FROM validator_slash WHERE fund_id = $1 AND source = $2 AND"
                                   " seen_at_height <= $3 ORDER BY validator COLLATE \"C\", period",
                                   fund, set.source, height_of(set.mark.height)))
    set.slashes.push_back({row["validator"].as<std::string>(), height_in(row, "period"),
                           row["fraction"].as<money::Decimal>(), height_in(row, "after_height"),
                           height_in(row, "by_height")});
}

}  // namespace

void add_validator_sets(db::Transaction& transaction, const model::FundId& fund,
                        const std::vector<ValidatorSet>& sets, time::Instant known_at) {
  for (const ValidatorSet& set : sets) {
    const std::size_t is_new = db::execute(
        transaction,
        "INSERT INTO validator_set (fund_id, source, asset, as_of_ns, height, root, bonded,"
        " annual_provisions, community_tax, history_from, history_since_ns, known_at_ns) VALUES ($1, $2, $3,"
        " $4, $5, $6, $7, $8, $9, $10, $11, $12) ON CONFLICT DO NOTHING",
        fund, set.source, set.asset, set.mark.at, height_of(set.mark.height), set.mark.root, set.bonded,
        set.annual_provisions, set.community_tax, height_of(set.history_from), set.history_since, known_at);
    if (is_new == 0) continue;
    Rows records(
        transaction,
        "validator_record (fund_id, source, height, validator, consensus_address, name, status,"
        " jailed, tombstoned, tokens, commission, tokens_max, signed_window, missed_blocks, signing_since,"
        " observed_since_ns, slashes_to)");
    for (const ValidatorRecord& one : set.validators) {
      std::optional<money::Decimal> window;
      if (one.signed_window) window = height_of(*one.signed_window);
      records.add(fund, set.source, height_of(set.mark.height), one.address, one.consensus_address, one.name,
                  one.status, one.jailed, one.tombstoned, one.tokens, one.commission, one.tokens_max, window,
                  height_of(one.missed_blocks), height_of(one.signing_since), one.observed_since,
                  height_of(one.slashes_to));
    }
    records.finish();
    Rows slashes(transaction,
                 "validator_slash (fund_id, source, validator, period, fraction, after_height, by_height,"
                 " seen_at_height)");
    for (const ValidatorSlash& one : set.slashes)
      slashes.add(fund, set.source, one.validator, height_of(one.period), one.fraction, height_of(one.after),
                  height_of(one.by), height_of(set.mark.height));
    slashes.finish();
  }
}

std::vector<ValidatorSet> PostgresStakingStore::validator_sets(const model::FundId& fund,
                                                               const StakingQuery& query) {
  return pool_.transact(
      [&](db::Transaction& transaction) {
        std::vector<ValidatorSet> found;
        for (const auto& row :
             db::query(transaction,
                       "SELECT DISTINCT ON (source) * FROM validator_set WHERE fund_id = $1"
                       " AND ($2 = '' OR source = $2) AND as_of_ns <= $3 AND known_at_ns <= $4"
                       " ORDER BY source, as_of_ns DESC, height DESC",
                       fund, query.source, query.as_of, query.known_at)) {
          ValidatorSet set;
          set.source = row["source"].as<std::string>();
          set.asset = db::name_of<model::AssetId>(row["asset"]);
          set.mark = {height_in(row, "height"), row["root"].as<std::string>(),
                      row["as_of_ns"].as<time::Instant>()};
          set.bonded = row["bonded"].as<money::Decimal>();
          set.annual_provisions = db::optional_of<money::Decimal>(row["annual_provisions"]);
          set.community_tax = row["community_tax"].as<money::Decimal>();
          set.history_from = height_in(row, "history_from");
          set.history_since = row["history_since_ns"].as<time::Instant>();
          load_records(transaction, fund, set);
          load_slashes(transaction, fund, set);
          found.push_back(std::move(set));
        }
        return found;
      },
      kReadingSets);
}

}  // namespace navkeeper::staking
