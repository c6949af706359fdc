// Any bytes as an answer of a custodian: refused, or read into what keeps the model's rules. One parser each,
// chosen when it is compiled.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "common/base/ensure.h"
#include "common/base/refuse.h"
#include "services/custody/adapters/custodians/crypto_com_wire.h"
#include "services/custody/adapters/custodians/prime_wire.h"
#include "services/custody/adapters/record_json.h"

namespace custody = navkeeper::custody;
namespace json = navkeeper::json;
using navkeeper::time::Instant;

namespace {

struct Nowhere final : custody::Evidence {
  void keep(custody::RawAnswer) override {}
  void raise(custody::Alarm alarm) override { ENSURE(!alarm.kind.empty()); }
};

void check(const custody::Balance& balance) { ENSURE(!custody::broken_balance_rule(balance)); }

void check(const std::vector<custody::Record>& records) {
  for (const custody::Record& record : records) {
    ENSURE(!record.key.empty());
    ENSURE(json::parse(record.document).has_value());
    if (record.kind == custody::RecordKind::kTransfer) ENSURE(custody::transfer_of(record).has_value());
    if (record.kind == custody::RecordKind::kReward) ENSURE(custody::reward_of(record).has_value());
  }
}

[[maybe_unused]] void crypto_com_balance(const json::Value& answer) {
  Nowhere nowhere;
  const auto balances = custody::crypto_com::read_user_balance(answer, {"f", "a"}, Instant(), {}, nowhere);
  for (const auto& balance : balances) check(balance);
}
[[maybe_unused]] void crypto_com_staking(const json::Value& answer) {
  Nowhere nowhere;
  std::vector<custody::Balance> balances;
  custody::crypto_com::add_staking(balances,
                                   custody::crypto_com::read_staking_positions(answer, "a", nowhere), {});
  for (const auto& balance : balances) check(balance);
}
[[maybe_unused]] void crypto_com_history(const json::Value& answer) {
  Nowhere nowhere;
  using Read = std::vector<custody::Record> (*)(const json::Value&, custody::Evidence&);
  const Read reads[] = {custody::crypto_com::read_deposits, custody::crypto_com::read_withdrawals,
                        custody::crypto_com::read_conversions};
  for (const Read read : reads) {
    try {
      check(read(answer, nowhere));
    } catch (const navkeeper::base::Refused&) {
    } catch (const custody::NotBelievable&) {
    }
  }
  check(custody::crypto_com::read_transactions(answer, "", nowhere));
}
[[maybe_unused]] void crypto_com_rewards(const json::Value& answer) {
  check(custody::crypto_com::read_rewards(answer));
}
[[maybe_unused]] void crypto_com_facts(const json::Value& answer) {
  check(custody::crypto_com::read_networks(answer));
}
[[maybe_unused]] void prime_balance(const json::Value& answer) {
  custody::prime::Wallet wallet;
  check(custody::prime::read_wallet_balance(answer, wallet, {}));
}
[[maybe_unused]] void prime_transactions(const json::Value& answer) {
  Nowhere nowhere;
  for (const auto& row : custody::prime::read_transactions(answer, "p", nowhere)) {
    check({row.ledger_line});
    if (row.transfer) check({*row.transfer});
    if (row.reward) check({*row.reward});
  }
  static_cast<void>(custody::prime::read_page(answer));
}
[[maybe_unused]] void prime_lists(const json::Value& answer) {
  Nowhere nowhere;
  check(custody::prime::read_activities(answer, nowhere));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto answer = json::parse({reinterpret_cast<const char*>(data), size});
  if (answer.has_error()) return 0;
  try {
    NAVKEEPER_FUZZ_CUSTODIAN(*answer);
  } catch (const navkeeper::base::Refused& refused) {
    ENSURE(!refused.refusal().rule.empty());
  } catch (const custody::NotBelievable& why) {
    ENSURE(!why.kind().empty());
  }
  return 0;
}
