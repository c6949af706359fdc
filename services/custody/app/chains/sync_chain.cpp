#include "services/custody/app/chains/sync_chain.h"

#include <algorithm>
#include <set>
#include <tuple>

#include "common/base/outside.h"
#include "common/base/refuse.h"
#include "common/money/overflow.h"
#include "services/custody/domain/chains/own_address.h"

namespace navkeeper::custody {
namespace {

constexpr int kOk = 200;

std::string joined(const std::vector<std::string>& texts) {
  std::string all;
  for (const std::string& text : texts) all += (all.empty() ? "" : "; ") + text;
  return all;
}

class Result {
 public:
  Result(Chain chain, const ChainSyncSettings& settings) : settings_(settings) {
    result_.run.source = chain_source(chain);
  }

  void add(const ChainAnswer& answer, const EvidenceOf& evidence_of) {
    const Agreement& agreement = answer.agreement;
    const std::string& address = answer.question.address;
    if (!agreement.shown) {
      say(address + ": no node answered: " + joined(agreement.reasons));
      return;
    }
    ++answered_;
    const std::string evidence = evidence_of(answer);
    const crypto::Digest256 evidence_sha256 = crypto::sha256(evidence);
    keep("evidence", address, evidence);
    for (const SourceOutcome& outcome : answer.outcomes) {
      if (!outcome.reading) continue;
      for (const model::NodeAnswer& raw : outcome.reading->raw) {
        if (raw.body.size() <= settings_.body_bytes_max) keep(outcome.source, raw.request, raw.body);
      }
    }
    const ChainReading& reading = *answer.outcomes[*agreement.shown].reading;
    for (Balance balance : reading.balances) {
      balance.place = {result_.run.source, address};
      if (!reading.block_time) balance.as_of = result_.run.ended_at;
      balance.raw_sha256 = evidence_sha256;
      balance.certainty = agreement.certainty;
      balance.doubts = agreement.reasons;
      result_.balances.push_back(std::move(balance));
    }
    if (agreement.certainty != Certainty::kUnsure) return;
    say(address + ": unsure: " + joined(agreement.reasons));
    result_.alarms.push_back({"unsure", address, joined(agreement.reasons)});
  }

  SyncResult take() {
    SyncRun& run = result_.run;
    if (!run.detail.empty()) run.outcome = answered_ == 0 ? SyncOutcome::kFailed : SyncOutcome::kPartly;
    return std::move(result_);
  }

  void at(time::Instant started, time::Instant ended) {
    result_.run.started_at = started;
    result_.run.ended_at = ended;
  }

 private:
  void say(const std::string& what) { result_.run.detail += (result_.run.detail.empty() ? "" : "; ") + what; }

  void keep(const std::string& node, const std::string& request, const std::string& body) {
    // One answer about many addresses stands in each one's reading.
    if (!kept_.emplace(node, request, crypto::sha256(body)).second) return;
    result_.raw.push_back({node, request, result_.run.started_at, result_.run.ended_at, kOk, body});
  }

  const ChainSyncSettings& settings_;
  SyncResult result_;
  std::set<std::tuple<std::string, std::string, crypto::Digest256>> kept_;
  int answered_ = 0;
};

}  // namespace

SyncResult chain_result(const std::vector<ChainAnswer>& answers, Chain chain, time::Instant started_at,
                        time::Instant ended_at, const ChainSyncSettings& settings,
                        const EvidenceOf& evidence_of) {
  Result result(chain, settings);
  result.at(started_at, ended_at);
  for (const ChainAnswer& answer : answers) result.add(answer, evidence_of);
  return result.take();
}

namespace {

/// What the first node answers that can; nothing: none keeps such a list. Unavailable with every node's
/// reason where those that keep one failed.
template <class Ask>
auto first_answer(const std::vector<std::unique_ptr<ChainSource>>& sources, Ask&& ask)
    -> decltype(ask(*sources.front())) {
  std::string failures;
  const auto failed = [&](const std::exception& why) {
    failures += (failures.empty() ? "" : "; ") + std::string(why.what());
  };
  for (const auto& source : sources) {
    try {
      if (auto found = ask(*source)) return found;
    } catch (const base::Unavailable& unavailable) {
      failed(unavailable);
    } catch (const base::Refused& refused) {
      failed(refused);
    } catch (const money::OverflowError& overflow) {
      failed(overflow);
    }
  }
  if (!failures.empty()) throw base::Unavailable(failures);
  return std::nullopt;
}

/// All that moved at the addresses up to the answers' height; nothing where the chain's nodes cannot tell.
std::optional<WindowAnswer> transfers_of(const std::vector<std::unique_ptr<ChainSource>>& sources,
                                         Chain chain, const std::vector<ChainAnswer>& answers,
                                         time::Instant from, time::Instant asked_at,
                                         const RecordOf& record_of) {
  WindowAnswer window{RecordKind::kTransfer, from, from, asked_at};
  for (const ChainAnswer& answer : answers) {
    const auto found = first_answer(sources, [&](ChainSource& source) {
      return source.movements(answer.question.address, from, *answer.height);
    });
    if (!found) return std::nullopt;
    const auto& read_at = answer.outcomes[*answer.agreement.shown].reading->block_time;
    window.to = std::max(window.to, read_at.value_or(from));
    for (const ChainMovement& movement : *found) {
      window.to = std::max(window.to, movement.at);
      // A payment to oneself whose fee another paid moves nothing.
      if (movement.received != movement.spent) window.records.push_back({record_of(chain, movement), 1});
    }
  }
  return window;
}

/// Coins that are staked move without a transaction: there a list of transactions is never whole.
bool has_stake(const std::vector<ChainAnswer>& answers) {
  const auto any = [](const std::optional<money::Decimal>& amount) { return amount && !amount->is_zero(); };
  return std::any_of(answers.begin(), answers.end(), [&](const ChainAnswer& answer) {
    const auto& balances = answer.outcomes[*answer.agreement.shown].reading->balances;
    return std::any_of(balances.begin(), balances.end(), [&](const Balance& balance) {
      return any(balance.staked) || any(balance.activating) || any(balance.unbonding);
    });
  });
}

/// From when on transfers of tokens are listed: said once of each, by the first walk that listed it.
void add_listings(SyncResult& result, CustodyStore& store, const model::FundId& fund, const ChainWalk& walk) {
  std::set<std::string> known;
  for (const RecordState& state :
       store.records(fund, result.run.source, RecordKind::kNetwork, time::Instant::earliest(), {}))
    known.insert(state.record.key);
  WindowAnswer window{RecordKind::kNetwork, walk.from, walk.from, result.run.started_at};
  for (const std::string& asset : walk.tokens) {
    Record record;
    record.kind = RecordKind::kNetwork;
    record.key = listed_key(asset);
    record.at = record.updated_at = walk.from;
    record.asset = asset;
    record.status = "transfers are listed from block " + std::to_string(walk.first) + " on";
    record.document = "{}";
    if (known.insert(record.key).second) window.records.push_back({std::move(record), 1});
  }
  if (!window.records.empty()) result.answers.push_back(std::move(window));
}

/// Adds what a walk found.
void add_walk(SyncResult& result, const std::vector<std::unique_ptr<ChainSource>>& sources, Chain chain,
              const std::vector<std::string>& addresses, const std::vector<ChainAnswer>& answers,
              const std::optional<time::Instant>& until, const RecordOf& record_of, CustodyStore& store,
              const model::FundId& fund) {
  if (has_stake(answers) && !lists_stakes(chain)) return;
  const ChainAnswer& first = answers.front();
  ChainWalkTerms terms;
  terms.since = until;
  terms.to = *first.height;
  terms.to_hash = first.outcomes[*first.agreement.shown].reading->block.hash;
  const auto walk = first_answer(sources, [&](ChainSource& source) { return source.walk(addresses, terms); });
  if (!walk) return;
  WindowAnswer window{RecordKind::kTransfer, walk->from, walk->to, result.run.started_at};
  WindowAnswer rewards{RecordKind::kReward, walk->from, walk->to, result.run.started_at};
  for (const ChainMovement& movement : walk->movements) {
    (movement.is_reward ? rewards : window).records.push_back({record_of(chain, movement), 1});
    if (movement.is_unlisted)
      result.alarms.push_back({"unlisted", movement.address,
                               (movement.asset.empty() ? "its balance" : "its balance of " + movement.asset) +
                                   " changed by " + (movement.received - movement.spent).to_string() +
                                   " in blocks " + std::to_string(walk->first) + " to " +
                                   std::to_string(walk->last) + " beside all its transactions: " +
                                   (lists_stakes(chain) ? "a slash" : "a contract's transfer")});
  }
  result.answers.push_back(std::move(window));
  if (lists_stakes(chain)) result.answers.push_back(std::move(rewards));
  add_listings(result, store, fund, *walk);
}

/// A walk that fails leaves the balances as they are, which were read for themselves, and the list goes on
/// from where it ended. Once for each such place it is said why.
void add_walk_alarm(SyncResult& result, CustodyStore& store, const model::FundId& fund,
                    const std::optional<time::Instant>& until, const std::string& why) {
  constexpr int kAlarmsLooked = 200;
  const std::string since = "since " + (until ? until->to_string() : std::string("the beginning")) + ": ";
  CustodyQuery query;
  query.source = result.run.source;
  for (const StoredAlarm& known : store.alarms(fund, query, kAlarmsLooked)) {
    if (known.alarm.kind == "transfers" && known.alarm.detail.starts_with(since)) return;
  }
  result.alarms.push_back({"transfers", result.run.source, since + why});
}

/// Coins at, or movements of, an address behind which too few are watched.
void add_gap_alarms(SyncResult& result, const std::set<std::string>& edges) {
  std::set<std::string> used;
  for (const Balance& balance : result.balances) {
    if (balance.total && !balance.total->is_zero()) used.insert(balance.place.account);
  }
  for (const WindowAnswer& window : result.answers) {
    for (const CountedRecord& one : window.records)
      used.insert(one.record.key.substr(0, one.record.key.find(':')));
  }
  for (const std::string& address : used) {
    if (edges.contains(address))
      result.alarms.push_back(
          {"gap", address,
           "is used, and fewer unused addresses than gap_limit are watched behind it: raise "
           "count of its extended key"});
  }
}

}  // namespace

SyncReport sync_chain(const std::vector<std::unique_ptr<ChainSource>>& sources, Chain chain,
                      const std::vector<std::string>& addresses, const ChainSyncSettings& settings,
                      const ChainWriters& writers, CustodyStore& store, const model::FundId& fund,
                      const time::Clock& clock, const std::string& actor) {
  const time::Instant started = clock.now();
  const std::string source = chain_source(chain);
  SyncResult result;
  const auto note = [&](const std::string& what) {
    if (result.run.outcome == SyncOutcome::kDone) result.run.outcome = SyncOutcome::kPartly;
    result.run.detail += (result.run.detail.empty() ? "" : "; ") + what;
  };
  try {
    std::optional<std::uint64_t> height;
    if (settings.at) height = height_at(sources, chain, *settings.at);
    const auto answers = read_addresses(sources, chain, addresses, height, settings.limits, started);
    result = chain_result(answers, chain, started, clock.now(), settings, writers.evidence_of);
    if (result.run.outcome == SyncOutcome::kDone) {
      const auto until = store.whole_until(fund, source, RecordKind::kTransfer);
      // Of an earlier instant all is known: an answer that ends there would leave out what came just behind.
      const auto read_to = answers.front().outcomes[*answers.front().agreement.shown].reading->block_time;
      const time::Instant from =
          std::max(started - settings.history, until ? *until - settings.overlap : time::Instant::earliest());
      if (!read_to || *read_to > from) {
        auto window = transfers_of(sources, chain, answers, from, started, writers.record_of);
        if (window)
          result.answers.push_back(*std::move(window));
        else
          try {
            add_walk(result, sources, chain, addresses, answers, until, writers.record_of, store, fund);
          } catch (const base::Unavailable& unavailable) {
            add_walk_alarm(result, store, fund, until, unavailable.what());
          }
      }
    }
  } catch (const base::Unavailable& unavailable) {
    note(unavailable.what());
  } catch (const base::Refused& refused) {
    note(refused.what());
    result.alarms.push_back({"refused", source, refused.what()});
  }
  add_gap_alarms(result, settings.edges);
  result.run.source = source;
  result.run.started_at = started;
  result.run.ended_at = clock.now();
  if (result.balances.empty() && !result.run.detail.empty()) result.run.outcome = SyncOutcome::kFailed;
  return store.save(fund, result, result.run.ended_at, actor);
}

}  // namespace navkeeper::custody
