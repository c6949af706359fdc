#pragma once
// Reading the JSON of a custodian: what we need is read strictly, what we do not know is kept. A number may
// stand as text or as a number ("All numbers must be strings", and recorded answers have both): its digits
// are taken as written. All refusals are thrown (base::Refused) with the path.
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/json/value.h"
#include "common/money/decimal.h"
#include "common/time/instant.h"

namespace navkeeper::custody {

class Evidence;

class ForeignObject {
 public:
  /// Refused when it is no object. The value must outlive it.
  ForeignObject(const json::Value& value, std::string path);

  const json::Value& value() const { return *value_; }
  const std::string& path() const { return path_; }
  bool has(std::string_view key) const;  ///< present and not null
  std::string path_of(std::string_view key) const;

  /// Text, number or boolean as text; refused when absent, null, a list or an object, longer than
  /// kTextBytesMax, or with a control character in it.
  std::string text(std::string_view key) const;
  std::optional<std::string> optional_text(std::string_view key) const;  ///< nothing when absent or null
  std::string text_or(std::string_view key, std::string_view otherwise) const;
  /// A text by which something is known and found again: refused too when it is longer than kIdBytesMax, or
  /// empty.
  std::string id(std::string_view key) const;
  /// An amount of `asset` (domain/balance.h, parse_amount); what is none throws NotBelievable.
  money::Decimal amount(std::string_view key, std::string_view asset) const;
  /// Nothing when absent, null or empty.
  std::optional<money::Decimal> optional_amount(std::string_view key, std::string_view asset) const;
  money::Decimal signed_amount(std::string_view key, std::string_view asset) const;
  bool boolean(std::string_view key) const;                ///< true, false, "true", "false"
  time::Instant milliseconds(std::string_view key) const;  ///< since 1970, years 2009 to 2100
  time::Instant instant(std::string_view key) const;       ///< RFC 3339
  std::optional<time::Instant> optional_instant(std::string_view key) const;
  ForeignObject object(std::string_view key) const;
  std::optional<ForeignObject> optional_object(std::string_view key) const;
  std::vector<ForeignObject> list(std::string_view key) const;  ///< of objects; refused when absent
  std::vector<ForeignObject> optional_list(std::string_view key) const;

  static constexpr std::size_t kTextBytesMax = 4'096;
  static constexpr std::size_t kIdBytesMax = 512;  ///< two of them fit into a key of the database's indexes

 private:
  const json::Value* value_;
  std::string path_;
};

/// Whether the name of a coin among balances can be one here; else `evidence` says of whose and why not
/// (kUnreadCoin), and its row is left out.
bool is_read_coin(const std::string& coin, const std::string& account, Evidence& evidence);

}  // namespace navkeeper::custody
