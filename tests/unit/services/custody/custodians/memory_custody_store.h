#pragma once
// Custody's store in memory: what the database keeps, by the same rules, for tests of everything before it.
#include <algorithm>
#include <map>
#include <set>

#include "services/custody/app/custody_store.h"

namespace navkeeper::custody {

class MemoryCustodyStore final : public CustodyStore {
 public:
  SyncReport save(const model::FundId&, const SyncResult& result, time::Instant known_at,
                  const std::string&) override {
    SyncReport report;
    report.run = result.run;
    runs_.push_back(result.run);
    for (const Balance& balance : result.balances) balances_.push_back({balance, known_at});
    report.balances_new = result.balances.size();
    for (const WindowAnswer& answer : result.answers) answers_.push_back(answer);
    for (const Alarm& alarm : result.alarms) report.alarms_new += alarms_.insert(alarm).second ? 1U : 0U;
    report.answers_kept = result.raw.size();
    raw += result.raw.size();
    return report;
  }
  std::optional<time::Instant> whole_until(const model::FundId&, const std::string&,
                                           RecordKind kind) override {
    std::optional<time::Instant> until;
    for (const WindowAnswer& answer : answers_) {
      if (answer.kind == kind && (!until || *until < answer.to)) until = answer.to;
    }
    return until;
  }
  std::optional<time::Instant> read_over(const model::FundId&, const std::string&, RecordKind kind,
                                         time::Duration length) override {
    std::optional<time::Instant> at;
    for (const WindowAnswer& answer : answers_) {
      if (answer.kind == kind && answer.to - answer.from >= length && (!at || *at < answer.asked_at))
        at = answer.asked_at;
    }
    return at;
  }
  std::optional<time::Instant> oldest_under_way(const model::FundId&, const std::string&,
                                                RecordKind kind) override {
    std::optional<time::Instant> oldest;
    for (const RecordState& state : of_kind(kind)) {
      const Progress progress = state.record.progress;
      if (progress != Progress::kUnderWay && progress != Progress::kUnknown) continue;
      if (!oldest || state.record.at < *oldest) oldest = state.record.at;
    }
    return oldest;
  }
  std::vector<StoredBalance> balances(const model::FundId&, const CustodyQuery& query) override {
    std::map<std::pair<Place, std::string>, StoredBalance> newest;
    for (const StoredBalance& stored : balances_) {
      if (query.told_only && !is_told(stored.balance)) continue;
      const auto key = std::pair(stored.balance.place, stored.balance.asset.value());
      const auto [found, is_new] = newest.try_emplace(key, stored);
      if (!is_new && found->second.balance.as_of <= stored.balance.as_of) found->second = stored;
    }
    std::vector<StoredBalance> all;
    for (const auto& [key, stored] : newest) all.push_back(stored);
    return all;
  }
  std::vector<RecordState> records(const model::FundId&, const std::string&, RecordKind kind, time::Instant,
                                   const CustodyQuery&) override {
    return of_kind(kind);
  }
  std::vector<SyncRun> runs(const model::FundId&, const CustodyQuery&, int) override { return runs_; }
  std::vector<StoredAlarm> alarms(const model::FundId&, const CustodyQuery&, int) override {
    std::vector<StoredAlarm> all;
    for (const Alarm& alarm : alarms_) all.push_back({"", alarm, {}});
    return all;
  }
  std::vector<std::string> sources(const model::FundId&) override { return {}; }

  std::vector<RecordState> of_kind(RecordKind kind) const {
    RecordBook book;
    for (const WindowAnswer& answer : answers_) {
      if (answer.kind == kind) book.see(answer);
    }
    return book.states();
  }
  const std::vector<StoredBalance>& all_balances() const { return balances_; }
  bool has_alarm(const std::string& kind) const {
    return std::any_of(alarms_.begin(), alarms_.end(),
                       [&](const Alarm& alarm) { return alarm.kind == kind; });
  }
  std::size_t raw = 0;

 private:
  std::vector<SyncRun> runs_;
  std::vector<StoredBalance> balances_;
  std::vector<WindowAnswer> answers_;
  std::set<Alarm> alarms_;
};

}  // namespace navkeeper::custody
