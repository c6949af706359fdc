#include "services/custody/domain/record_book.h"

#include <algorithm>
#include <tuple>

namespace navkeeper::custody {

std::string_view describe(Standing standing) {
  switch (standing) {
    case Standing::kSure:
      return "sure";
    case Standing::kVanished:
      return "vanished";
    case Standing::kContradicted:
      return "contradicted";
  }
  return "";
}

void RecordBook::see(const WindowAnswer& answer) {
  windows_[answer.kind].push_back({answer.from, answer.to, answer.asked_at});
  for (const CountedRecord& counted : answer.records) {
    auto& versions = versions_[{answer.kind, counted.record.key}];
    const auto [found, is_new] = versions.try_emplace(
        counted.record.document, Version{counted.record, answer.asked_at, counted.count});
    if (is_new) continue;
    Version& version = found->second;
    if (std::tie(version.asked_at, version.count) < std::tie(answer.asked_at, counted.count)) {
      version.asked_at = answer.asked_at;
      version.count = counted.count;
    }
  }
}

std::vector<RecordState> RecordBook::states() const {
  std::vector<RecordState> states;
  for (const auto& [key, versions] : versions_) {
    const auto said = [](const Version& v) { return std::tuple(v.record.updated_at, v.record.progress); };
    const auto rank = [&](const Version& v) { return std::tuple(said(v), v.asked_at); };
    const Version* best = &versions.begin()->second;
    time::Instant last_seen = time::Instant::earliest();
    bool restated = false;
    for (const auto& [document, version] : versions) {
      last_seen = std::max(last_seen, version.asked_at);
      restated = restated || version.record.amount != versions.begin()->second.record.amount;
      if (rank(*best) < rank(version)) best = &version;
    }
    const bool contradicted = std::any_of(versions.begin(), versions.end(), [&](const auto& entry) {
      const Version& version = entry.second;
      if (&version == best || said(version) != said(*best)) return false;
      return version.record.amount != best->record.amount || version.asked_at == best->asked_at;
    });
    const Record& record = best->record;
    std::optional<time::Instant> done_since;
    for (const auto& [document, version] : versions) {
      const Record& told = version.record;
      if (record.progress != Progress::kDone || told.progress != Progress::kDone ||
          told.amount != record.amount)
        continue;
      const time::Instant since = std::max(told.at, told.updated_at);
      done_since = std::min(done_since.value_or(since), since);
    }
    const auto windows = windows_.find(key.first);
    const bool vanished =
        windows != windows_.end() &&
        std::any_of(windows->second.begin(), windows->second.end(), [&](const Window& window) {
          return window.from <= record.at && record.at <= window.to && window.asked_at > last_seen;
        });
    states.push_back({record, best->count,
                      contradicted ? Standing::kContradicted
                      : vanished   ? Standing::kVanished
                                   : Standing::kSure,
                      static_cast<int>(versions.size()), restated, done_since});
  }
  std::sort(states.begin(), states.end(), [](const RecordState& a, const RecordState& b) {
    return std::tie(a.record.kind, a.record.at, a.record.key) <
           std::tie(b.record.kind, b.record.at, b.record.key);
  });
  return states;
}

}  // namespace navkeeper::custody
