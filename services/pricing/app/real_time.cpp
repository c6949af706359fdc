#include "services/pricing/app/real_time.h"

#include <array>
#include <map>
#include <utility>

#include "common/base/ensure.h"
#include "common/time/zone.h"

namespace navkeeper::pricing {
namespace {

constexpr std::int64_t kSecondNs = 1'000'000'000;
constexpr int kPage = 1000;

constexpr std::array<std::pair<char, BookUse>, 6> kLetters{{{'a', BookUse::kAbsent},
                                                            {'l', BookUse::kLate},
                                                            {'o', BookUse::kOneSided},
                                                            {'x', BookUse::kCrossed},
                                                            {'d', BookUse::kDeviating},
                                                            {'u', BookUse::kUsed}}};

std::optional<std::string> text_of(const std::optional<money::Decimal>& value) {
  if (!value) return std::nullopt;
  return value->to_string();
}

/// One pass over an index's stored seconds.
class Replayer {
 public:
  Replayer(RealTimeStore& store, const std::string& index, time::Instant from)
      : store_(store), index_(index), from_(from) {}

  void see(const RealTimeRecord& record) {
    const RealTimeDefinition* const rules = rules_of(record);
    if (rules == nullptr) return differ(record, "no definition holds on that day");
    const bool known_before = before_ && evidence_version_ == rules;
    if (!record.is_key && !known_before) {
      before_.reset();
      return differ(record, "no key comes before it");
    }
    auto evidence = record.uses.size() != rules->venues.size()
                        ? std::nullopt
                        : decode_evidence(record.evidence, rules->venues.size(),
                                          record.is_key ? nullptr : &*before_, record.at);
    before_ = evidence;
    evidence_version_ = rules;
    if (!evidence) return differ(record, "its evidence cannot be read");
    compare(record, *rules, *evidence);
  }
  Replay take() { return std::move(replay_); }

 private:
  const RealTimeDefinition* rules_of(const RealTimeRecord& record) {
    auto found = files_.find(record.file_version);
    if (found == files_.end()) {
      found = files_.emplace(record.file_version, store_.file(index_, record.file_version)).first;
    }
    return found->second ? rules_at(found->second->file, record.at) : nullptr;
  }

  void compare(const RealTimeRecord& record, const RealTimeDefinition& rules, const BookEvidence& evidence) {
    const RealTimeValue value = recompute(rules, evidence, screen_of(record.screen_before), record.at);
    const RealTimeRecord again = record_of(model::IndexId::literal(record.index), record.file_version, rules,
                                           value, screen_of(record.screen_before), record.is_key, {});
    const bool follows = last_at_ && last_at_->ns() + kSecondNs == record.at.ns() && last_rules_ == &rules;
    if (follows && screen_after_ != record.screen_before)
      differ(record, "the screen does not go on from the second before");
    last_at_ = record.at;
    last_rules_ = &rules;
    screen_after_ = record.screen_after;
    if (record.at < from_) return;  // Only read to come from a key to the first second asked for.
    ++replay_.seconds;
    replay_.evidence_bytes += record.evidence.size();
    if (record.value) ++replay_.values;
    const auto check = [&](std::string_view what, const std::string& stored, const std::string& made) {
      if (stored != made) differ(record, std::string(what) + ": stored " + stored + ", made again " + made);
    };
    check("value", record.value.value_or("none"), again.value.value_or("none"));
    check("unrounded", record.unrounded.value_or("none"), again.unrounded.value_or("none"));
    check("failure", record.failure, again.failure);
    check("uses", record.uses, again.uses);
    check("screen", record.screen_after, again.screen_after);
  }

  void differ(const RealTimeRecord& record, std::string what) {
    if (record.at < from_) return;
    ++replay_.differing;
    if (replay_.differences.size() < Replay::kDifferencesMax)
      replay_.differences.push_back({record.at, std::move(what)});
  }

  RealTimeStore& store_;
  std::string index_;
  time::Instant from_;
  std::map<int, std::optional<StoredRealTimeFile>> files_;
  std::optional<BookEvidence> before_;
  const RealTimeDefinition* evidence_version_ = nullptr;
  std::optional<time::Instant> last_at_;
  const RealTimeDefinition* last_rules_ = nullptr;
  std::string screen_after_;
  Replay replay_;
};

}  // namespace

const RealTimeDefinition* rules_at(const RealTimeFile& file, time::Instant at) {
  return file.versions.on(time::Zone::literal("UTC").to_local(at).date);
}

char letter_of(BookUse use) {
  for (const auto& [letter, meant] : kLetters) {
    if (meant == use) return letter;
  }
  ENSURE(false);
}

std::optional<BookUse> use_of(char letter) {
  for (const auto& [known, use] : kLetters) {
    if (known == letter) return use;
  }
  return std::nullopt;
}

std::string screen_text(const ScreenState& screen) {
  std::string text;
  for (const bool dropped : screen.dropped) text += dropped ? '1' : '0';
  return text;
}

ScreenState screen_of(std::string_view text) {
  ScreenState screen;
  for (const char letter : text) screen.dropped.push_back(letter == '1');
  return screen;
}

std::string reason_of(const RealTimeDefinition& definition, const RealTimeValue& value) {
  if (!value.failure) return {};
  std::string reason(describe(*value.failure));
  std::string_view between = ": ";
  for (std::size_t i = 0; i < value.uses.size(); ++i) {
    if (value.uses[i] == BookUse::kUsed) continue;
    reason +=
        std::string(between) + definition.venues[i].value() + " " + std::string(describe(value.uses[i]));
    between = ", ";
  }
  return reason;
}

RealTimeRecord record_of(const model::IndexId& index, int file_version, const RealTimeDefinition& definition,
                         const RealTimeValue& value, const ScreenState& before, bool is_key,
                         base::Bytes evidence) {
  RealTimeRecord record;
  record.index = index.value();
  record.at = value.at;
  record.file_version = file_version;
  record.value = text_of(value.value);
  record.unrounded = text_of(value.unrounded);
  record.failure = reason_of(definition, value);
  for (const BookUse use : value.uses) record.uses += letter_of(use);
  record.screen_before = screen_text(before);
  record.screen_after = screen_text(value.screen);
  record.is_key = is_key;
  record.evidence = std::move(evidence);
  return record;
}

Replay replay_real_time(RealTimeStore& store, const std::string& index, time::Instant from,
                        time::Instant to) {
  Replayer replayer(store, index, from);
  time::Instant next = store.key_before(index, from).value_or(from);
  for (;;) {
    const auto page = store.records(index, next, to, kPage);
    for (const RealTimeRecord& record : page) replayer.see(record);
    if (page.size() < static_cast<std::size_t>(kPage)) return replayer.take();
    next = time::Instant::from_ns(page.back().at.ns() + 1);
  }
}

}  // namespace navkeeper::pricing
