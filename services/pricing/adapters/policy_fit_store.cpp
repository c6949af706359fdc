#include "services/pricing/adapters/policy_fit_store.h"

#include <algorithm>
#include <array>
#include <utility>

#include "common/base/refuse.h"
#include "common/db/pqxx_access.h"
#include "services/pricing/adapters/index_file.h"
#include "services/pricing/adapters/policy_file.h"

namespace navkeeper::pricing {
namespace {

/// Days from one to another, both included; without the second until further notice.
struct Days {
  time::Date first;
  std::optional<time::Date> last;
};

std::string text_of(const Days& days) {
  return "from " + days.first.to_string() + (days.last ? " to " + days.last->to_string() : " on");
}

template <class T>
Days days_of(const std::vector<Period<T>>& history) {
  return {history.front().first, history.back().last};
}

bool ends_before(const Days& days, const std::optional<time::Date>& last) {
  return days.last && (!last || *days.last < *last);
}

/// Histories have no gaps, so their ends say all.
bool cover(const Days& held, const Days& needed) {
  return held.first <= needed.first && !ends_before(held, needed.last);
}

using NamedIndex = std::pair<const char*, std::optional<model::IndexId>>;

std::array<NamedIndex, 2> indices_of(const ValuationPolicy& policy) {
  return {NamedIndex{"official_index", policy.official_index},
          NamedIndex{"second_index", policy.second_index}};
}

bool is_real_time(db::Transaction& transaction, const model::IndexId& index) {
  return !db::query(transaction, "SELECT FROM real_time_definition WHERE index_id = $1 LIMIT 1", index)
              .empty();
}

void refuse_unfit_index(db::Transaction& transaction, const ValuationPolicy& policy, const char* field,
                        const model::IndexId& index, const std::string& file) {
  const std::string where = file + ": " + field;
  // Whoever defines the index meanwhile waits, and then sees this policy.
  db::query(transaction, "SELECT FROM index_head WHERE index_id = $1 FOR UPDATE", index);
  const auto versions = definitions_in(transaction, index.value());
  if (versions.empty()) {
    if (is_real_time(transaction, index))
      base::refuse(where, index.value() + " is a real-time index; a policy needs one that is struck");
    base::refuse(where, index.value() + " is not defined: navkeeper rates define FILE.toml first");
  }
  const std::string pair = policy.asset.value() + "/USD";
  if (versions.back().index.pair != pair)
    base::refuse(where,
                 index.value() + " prices " + versions.back().index.pair + ", the policy needs " + pair);
  const Days held = days_of(base::value_or_refuse(definition_history(versions)));
  const Days needed{policy.effective_from, policy.effective_to};
  if (!cover(held, needed))
    base::refuse(where,
                 index.value() + " is defined " + text_of(held) + ", the policy holds " + text_of(needed));
}

void refuse_unfit_coin(db::Transaction& transaction, const ValuationPolicy& policy, const std::string& file) {
  const std::string where = file + ": liquid_staking.coin";
  const model::AssetId& coin = policy.token->coin;
  // Whoever changes the coin's policy meanwhile waits, and then sees this one.
  db::query(transaction, "SELECT FROM asset_head WHERE asset = $1 FOR UPDATE", coin);
  const auto versions = policies_in(transaction, coin);
  if (versions.empty())
    base::refuse(
        where, coin.value() + " is no coin with a valuation policy: navkeeper prices policy FILE.toml first");
  const auto history = base::value_or_refuse(policy_history(versions));
  for (const auto& period : history) {
    const bool meets = (!policy.effective_to || period.first <= *policy.effective_to) &&
                       (!period.last || policy.effective_from <= *period.last);
    if (meets && period.value.policy.token)
      base::refuse(where, coin.value() + " is a liquid-staking token itself");
  }
  const Days needed{policy.effective_from, policy.effective_to};
  if (!cover(days_of(history), needed))
    base::refuse(where, coin.value() + " has a policy " + text_of(days_of(history)) + ", the token's holds " +
                            text_of(needed));
}

std::vector<model::AssetId> assets_with_policies(db::Transaction& transaction) {
  std::vector<model::AssetId> found;
  for (const auto& row : db::query(transaction, "SELECT DISTINCT asset FROM valuation_policy ORDER BY asset"))
    found.push_back(db::name_of<model::AssetId>(row[0]));
  return found;
}

/// Each policy on the days from `first` on that it holds for.
template <class Use>
void for_each_policy_from(db::Transaction& transaction, time::Date first, Use&& use) {
  for (const model::AssetId& asset : assets_with_policies(transaction)) {
    for (const auto& period : base::value_or_refuse(policy_history(policies_in(transaction, asset)))) {
      if (period.last && *period.last < first) continue;
      use(period.value.policy, Days{std::max(period.first, first), period.last});
    }
  }
}

}  // namespace

std::vector<StoredPolicy> policies_in(db::Transaction& transaction, const model::AssetId& asset) {
  std::vector<StoredPolicy> versions;
  for (const auto& row : db::query(transaction,
                                   "SELECT asset, version, toml, hash, actor, known_at_ns FROM "
                                   "valuation_policy WHERE asset = $1 ORDER BY version",
                                   asset)) {
    const auto toml = row["toml"].as<std::string>();
    StoredPolicy& policy = versions.emplace_back(parse_policy(toml, asset.value()).value());
    policy.version = row["version"].as<std::int32_t>();
    policy.hash_hex = base::to_hex(row["hash"].as<base::Bytes>());
    policy.toml = toml;
    policy.actor = row["actor"].as<std::string>();
    policy.known_at = row["known_at_ns"].as<time::Instant>();
  }
  return versions;
}

std::vector<StoredDefinition> definitions_in(db::Transaction& transaction, const std::string& index) {
  std::vector<StoredDefinition> versions;
  for (const auto& row : db::query(transaction,
                                   "SELECT index_id, version, toml, hash FROM index_definition WHERE "
                                   "index_id = $1 ORDER BY version",
                                   index)) {
    StoredDefinition& definition = versions.emplace_back();
    definition.toml = row["toml"].as<std::string>();
    definition.index = parse_index(definition.toml, index).value();
    definition.version = row["version"].as<std::int32_t>();
    definition.hash_hex = base::to_hex(row["hash"].as<base::Bytes>());
  }
  return versions;
}

void refuse_unfit_policy(db::Transaction& transaction, const StoredPolicy& policy, const std::string& file) {
  for (const auto& [field, index] : indices_of(policy.policy)) {
    if (index) refuse_unfit_index(transaction, policy.policy, field, *index, file);
  }
  if (policy.policy.token) refuse_unfit_coin(transaction, policy.policy, file);
}

void refuse_policy_that_tokens_need(db::Transaction& transaction, const std::vector<StoredPolicy>& versions,
                                    const std::string& file) {
  const ValuationPolicy& changed = versions.back().policy;
  for_each_policy_from(transaction, changed.effective_from, [&](const ValuationPolicy& policy, Days needed) {
    if (!policy.token || policy.token->coin != changed.asset) return;
    const std::string why =
        "the policy of " + policy.asset.value() + " needs it as a coin " + text_of(needed);
    if (changed.token) base::refuse(file + ": liquid_staking", why);
    if (ends_before({changed.effective_from, changed.effective_to}, needed.last))
      base::refuse(file + ": effective_to", why);
  });
}

void refuse_definition_that_policies_need(db::Transaction& transaction,
                                          const std::vector<StoredDefinition>& versions,
                                          const std::string& file) {
  const IndexDefinition& changed = versions.back().index;
  for_each_policy_from(transaction, first_day_of(changed), [&](const ValuationPolicy& policy, Days needed) {
    for (const auto& [field, index] : indices_of(policy)) {
      if (!index || index->value() != changed.id) continue;
      if (ends_before({first_day_of(changed), changed.effective_to}, needed.last))
        base::refuse(file + ": effective_to", "the policy of " + policy.asset.value() + " names " +
                                                  changed.id + " as " + field + " " + text_of(needed));
    }
  });
}

}  // namespace navkeeper::pricing
