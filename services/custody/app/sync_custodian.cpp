#include "services/custody/app/sync_custodian.h"

#include <algorithm>
#include <exception>
#include <set>

#include "common/base/outside.h"
#include "common/base/refuse.h"

namespace navkeeper::custody {
namespace {

using money::Decimal;

class Sync {
 public:
  Sync(CustodianSource& source, CollectedEvidence& evidence, CustodyStore& store, const model::FundId& fund,
       const SyncSettings& settings, const time::Clock& clock)
      : source_(source),
        evidence_(evidence),
        store_(store),
        fund_(fund),
        settings_(settings),
        clock_(clock) {}

  SyncResult run() {
    result_.run.source = source_.name();
    result_.run.started_at = clock_.now();
    try {
      attempt("balances", [&] {
        result_.balances = source_.balances();
        is_told_ = true;
      });
      // What cannot be read is not kept back quietly.
      const std::set<Alarm> raised(evidence_.alarms.begin(), evidence_.alarms.end());
      for (const Alarm& alarm : raised)
        if (alarm.kind == kUnreadCoin) fail("balances: " + alarm.subject + " " + alarm.detail);
      for (const RecordKind kind : source_.history_kinds())
        attempt(std::string(describe(kind)) + " history", [&] { ask_history(kind); });
      attempt("facts", [&] {
        for (WindowAnswer& answer : source_.facts()) result_.answers.push_back(std::move(answer));
      });
      look_for_scale_jumps();
      look_for_missing();
    } catch (const NotBelievable& wrong) {
      result_.balances.clear();
      result_.answers.clear();
      evidence_.raise({wrong.kind(), source_.name(), wrong.what()});
      fail(wrong.what());
      result_.run.outcome = SyncOutcome::kFailed;
    }
    if (done_ == 0) result_.run.outcome = SyncOutcome::kFailed;
    result_.raw = std::move(evidence_.raw);
    result_.alarms = std::move(evidence_.alarms);
    evidence_.raw.clear();
    evidence_.alarms.clear();
    std::sort(result_.alarms.begin(), result_.alarms.end());
    result_.alarms.erase(std::unique(result_.alarms.begin(), result_.alarms.end()), result_.alarms.end());
    result_.run.ended_at = clock_.now();
    return std::move(result_);
  }

 private:
  template <class Part>
  void attempt(const std::string& what, Part&& part) {
    try {
      part();
      ++done_;
    } catch (const base::Unavailable& unavailable) {
      fail(what + ": " + unavailable.what());
    } catch (const base::Refused& refused) {
      evidence_.raise({"refused", source_.name() + " " + what, refused.what()});
      fail(what + ": " + refused.what());
    }
  }

  void fail(const std::string& why) {
    result_.run.outcome = SyncOutcome::kPartly;
    result_.run.detail += (result_.run.detail.empty() ? "" : "; ") + why;
  }

  void ask_history(RecordKind kind) {
    const time::Instant now = result_.run.started_at;  // one end for all kinds
    const time::Duration most = std::min(settings_.history, source_.history_max(kind));
    time::Instant from = now - most;
    // An answer from a cache ends before it was asked for: an hour less is still all of it.
    const auto whole = store_.read_over(fund_, source_.name(), kind, most - time::Duration::hours(1));
    if (whole && now - *whole < settings_.whole_every) from = std::max(from, resume_at(kind));
    result_.answers.push_back(source_.history(kind, std::min(from, now), now));
  }

  time::Instant resume_at(RecordKind kind) {
    const auto until = store_.whole_until(fund_, source_.name(), kind);
    if (!until) return time::Instant::earliest();
    const auto open = store_.oldest_under_way(fund_, source_.name(), kind);
    const time::Instant again = *until - settings_.overlap;
    return open ? std::min(again, *open) : again;
  }

  /// What came in less what went out of an account's asset after the balance, by what this asking told of its
  /// ledger and its rewards. A record that names no account is the only one's; a reward that is a line of the
  /// ledger too counts once.
  std::optional<Decimal> moved_since(const Balance& before) const {
    const time::Instant since = before.as_of;
    const bool is_only =
        std::all_of(result_.balances.begin(), result_.balances.end(),
                    [&](const Balance& one) { return one.place.account == before.place.account; });
    std::set<std::string> lines;
    for (const WindowAnswer& answer : result_.answers) {
      if (answer.kind != RecordKind::kLedgerLine) continue;
      for (const CountedRecord& counted : answer.records) lines.insert(counted.record.key);
    }
    Decimal moved;
    bool known = false;
    for (const WindowAnswer& answer : result_.answers) {
      if (answer.kind != RecordKind::kLedgerLine && answer.kind != RecordKind::kReward) continue;
      known = true;
      for (const CountedRecord& counted : answer.records) {
        const Record& record = counted.record;
        if (answer.kind == RecordKind::kReward && lines.contains(record.key)) continue;
        if (record.account.empty() ? !is_only : record.account != before.place.account) continue;
        if (record.asset != before.asset.value() || !record.amount || record.progress != Progress::kDone)
          continue;
        if (std::max(record.at, record.updated_at) <= since) continue;
        for (int i = 0; i < counted.count; ++i) moved += *record.amount;
      }
    }
    return known ? std::optional(moved) : std::nullopt;
  }

  void look_for_scale_jumps() {
    if (result_.balances.empty()) return;
    CustodyQuery query;
    query.source = source_.name();
    query.told_only = true;
    for (const StoredBalance& before : store_.balances(fund_, query)) {
      for (const Balance& now : result_.balances) {
        if (now.place != before.balance.place || now.asset != before.balance.asset) continue;
        if (!now.total || !before.balance.total) continue;
        const auto moved = moved_since(before.balance);
        if (!is_scale_jump(*before.balance.total, *now.total, moved)) continue;
        throw NotBelievable("wrong_amount", now.asset.value() + " of " + now.place.account + " went from " +
                                                before.balance.total->to_string() + " to " +
                                                now.total->to_string() +
                                                ", a power of ten that no movement explains");
      }
    }
  }

  /// A coin that was there and is not spoken of any more, in whole or in part: an answer that was cut short,
  /// or a coin that went, unless what is known to have moved took it all.
  void look_for_missing() {
    if (!is_told_) return;  // one that says that it keeps nothing is looked at too
    CustodyQuery query;
    query.source = source_.name();
    query.told_only = true;
    time::Instant as_of = result_.run.started_at;
    if (!result_.balances.empty()) as_of = result_.balances.front().as_of;
    std::vector<Balance> left_out;
    bool is_any_told = false;
    bool is_any_missing = false;
    for (const StoredBalance& stored : store_.balances(fund_, query)) {
      const Balance& before = stored.balance;
      const Balance* const now = told_now(before);
      is_any_told = is_any_told || now != nullptr;
      const bool is_zero =
          now == nullptr && (settings_.gone.contains(before.asset.value()) || is_all_gone(before));
      if (!is_zero && !is_missing(before, now)) continue;
      Balance mark;
      mark.place = before.place;
      mark.asset = before.asset;
      mark.scale = before.scale;
      mark.as_of = now == nullptr ? as_of : now->as_of;
      if (is_zero) {
        mark.total = Decimal();
      } else {
        const std::string what = before.asset.value() + " of " + before.place.account;
        evidence_.raise(
            {"missing", source_.name() + " " + what, "was told before and is not spoken of any more"});
        fail("balances: " + what + " is missing");
        is_any_missing = true;
      }
      left_out.push_back(std::move(mark));
    }
    if (is_any_missing && !is_any_told) result_.balances.clear();
    for (Balance& mark : left_out) {
      std::erase_if(result_.balances,
                    [&](const Balance& one) { return one.place == mark.place && one.asset == mark.asset; });
      result_.balances.push_back(std::move(mark));
    }
  }

  const Balance* told_now(const Balance& before) const {
    for (const Balance& one : result_.balances)
      if (one.place == before.place && one.asset == before.asset) return &one;
    return nullptr;
  }

  bool is_missing(const Balance& before, const Balance* now) const {
    const bool staked = before.staked && before.staked->is_positive();
    const bool held = before.total && before.total->is_positive();
    if (staked && !(now != nullptr && now->staked)) return true;
    return held && !(now != nullptr && now->total) && !is_total_gone(before);
  }

  /// Nothing was there, or what is known to have moved took all of it.
  bool is_total_gone(const Balance& before) const {
    const auto moved = moved_since(before);
    return moved ? *before.total + *moved == Decimal() : before.total->is_zero();
  }

  bool is_all_gone(const Balance& before) const {
    const Decimal beside = before.staked.value_or(Decimal()) + before.activating.value_or(Decimal()) +
                           before.unbonding.value_or(Decimal());
    return before.total && beside.is_zero() && is_total_gone(before);
  }

  CustodianSource& source_;
  CollectedEvidence& evidence_;
  CustodyStore& store_;
  const model::FundId& fund_;
  const SyncSettings& settings_;
  const time::Clock& clock_;
  SyncResult result_;
  int done_ = 0;
  bool is_told_ = false;  ///< its balances, be they none
};

}  // namespace

std::string_view describe(SyncOutcome outcome) {
  switch (outcome) {
    case SyncOutcome::kDone:
      return "done";
    case SyncOutcome::kPartly:
      return "partly";
    case SyncOutcome::kFailed:
      return "failed";
  }
  return "";
}

std::optional<SyncOutcome> parse_sync_outcome(std::string_view word) {
  for (const SyncOutcome outcome : {SyncOutcome::kDone, SyncOutcome::kPartly, SyncOutcome::kFailed}) {
    if (describe(outcome) == word) return outcome;
  }
  return std::nullopt;
}

SyncReport sync_custodian(CustodianSource& source, CollectedEvidence& evidence, CustodyStore& store,
                          const model::FundId& fund, const SyncSettings& settings, const time::Clock& clock,
                          const std::string& actor) {
  const SyncResult result = Sync(source, evidence, store, fund, settings, clock).run();
  return store.save(fund, result, result.run.ended_at, actor);
}

}  // namespace navkeeper::custody
