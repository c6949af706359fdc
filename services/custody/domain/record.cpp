#include "services/custody/domain/record.h"

namespace navkeeper::custody {

std::string_view describe(RecordKind kind) {
  switch (kind) {
    case RecordKind::kTransfer:
      return "transfer";
    case RecordKind::kLedgerLine:
      return "ledger_line";
    case RecordKind::kReward:
      return "reward";
    case RecordKind::kStake:
      return "stake";
    case RecordKind::kActivity:
      return "activity";
    case RecordKind::kValidator:
      return "validator";
    case RecordKind::kNetwork:
      return "network";
    case RecordKind::kTerms:
      return "terms";
    case RecordKind::kWallet:
      return "wallet";
  }
  return "";
}

std::optional<RecordKind> parse_record_kind(std::string_view word) {
  for (int i = 0; i < kRecordKinds; ++i) {
    if (describe(static_cast<RecordKind>(i)) == word) return static_cast<RecordKind>(i);
  }
  return std::nullopt;
}

std::string_view describe(Progress progress) {
  switch (progress) {
    case Progress::kUnknown:
      return "unknown";
    case Progress::kUnderWay:
      return "under_way";
    case Progress::kFailed:
      return "failed";
    case Progress::kDone:
      return "done";
  }
  return "";
}

std::optional<Progress> parse_progress(std::string_view word) {
  for (const Progress progress :
       {Progress::kUnknown, Progress::kUnderWay, Progress::kFailed, Progress::kDone}) {
    if (describe(progress) == word) return progress;
  }
  return std::nullopt;
}

std::string listed_key(const std::string& asset) { return "listed:" + asset; }

}  // namespace navkeeper::custody
