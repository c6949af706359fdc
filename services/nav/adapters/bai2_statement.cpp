#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "common/base/refuse.h"
#include "common/money/decimal.h"
#include "services/nav/adapters/bank_statement_file.h"

namespace navkeeper::nav {
namespace {

using money::Decimal;

constexpr std::size_t kRecordBytesMax = 4096;
constexpr std::size_t kAmountDigitsMax = 18;
constexpr int kCents = 2;
/// Type codes (specification, appendix A): status below 100, credits, debits, no side from 700 on; 890 has no
/// amount.
constexpr int kOpeningLedger = 10;
constexpr int kClosingLedger = 15;
constexpr int kTotalCredits = 100;
constexpr int kTotalDebits = 400;
constexpr int kLoans = 700;
constexpr int kNoAmount = 890;
constexpr int kLastType = 999;

[[noreturn]] void fail(int line, const std::string& rule) {
  base::refuse("line " + std::to_string(line), rule);
}

/// One physical line, without its code.
struct Record {
  int line = 0;
  std::string code;
  std::vector<std::string> fields;
  std::string raw;       ///< all after the code's comma, without the slash
  bool is_open = false;  ///< does not end with a slash: a text goes on, or ends with the line
};

std::vector<std::string> split(std::string_view text) {
  std::vector<std::string> fields;
  while (true) {
    const std::size_t comma = text.find(',');
    fields.emplace_back(text.substr(0, comma));
    if (comma == std::string_view::npos) return fields;
    text.remove_prefix(comma + 1);
  }
}

std::vector<Record> records_of(std::string_view content) {
  std::vector<Record> records;
  int line = 0;
  while (!content.empty()) {
    const std::size_t end = content.find('\n');
    std::string_view text = content.substr(0, end);
    content.remove_prefix(end == std::string_view::npos ? content.size() : end + 1);
    ++line;
    while (!text.empty() && (text.back() == '\r' || text.back() == ' ')) text.remove_suffix(1);
    if (text.empty()) continue;
    if (text.size() > kRecordBytesMax) fail(line, "the record is longer than 4096 bytes");
    if (std::any_of(text.begin(), text.end(), [](char c) { return c < 0x20 || c == 0x7F; }))
      fail(line, "has a byte that is not printable ASCII");
    if (text.size() < 3 || text[2] != ',') fail(line, "a record code and a comma are due");
    Record record;
    record.line = line;
    record.code = std::string(text.substr(0, 2));
    static constexpr std::string_view kCodes[] = {"01", "02", "03", "16", "49", "88", "98", "99"};
    if (std::find(std::begin(kCodes), std::end(kCodes), record.code) == std::end(kCodes))
      fail(line, "there is no record " + record.code);
    record.is_open = text.back() != '/';
    record.raw = std::string(text.substr(3, text.size() - 3 - (record.is_open ? 0 : 1)));
    record.fields = split(record.raw);
    records.push_back(std::move(record));
    if (records.size() > kStatementLinesMax) fail(line, "there are too many records");
  }
  return records;
}

/// A logical record: its line with the 88s behind it.
struct Logical {
  int line = 0;
  std::string code;
  std::vector<std::string> fields;
  std::size_t physical = 1;
};

class Bai2 {
 public:
  explicit Bai2(std::string_view content) : records_(records_of(content)) {}

  std::vector<cash::BankStatement> file() {
    const Logical header = next("01");
    field_count(header, 8, 8);
    if (header.fields[7] != "2") fail(header.line, "is not version 2 of the format");
    while (peek() == "02") group();
    const Logical trailer = next("99");
    field_count(trailer, 3, 3);
    compare(trailer, 0, file_total_, "file control total");
    count(trailer, 1, groups_, "groups");
    count(trailer, 2, at_, "records");
    if (at_ != records_.size()) fail(records_[at_].line, "follows the file's trailer");
    if (statements_.empty()) fail(trailer.line, "there is no account in the file");
    return std::move(statements_);
  }

 private:
  std::string peek() const { return at_ < records_.size() ? records_[at_].code : std::string(); }

  Logical next(std::string_view code) {
    if (at_ >= records_.size()) base::refuse("end of the file", "record " + std::string(code) + " is due");
    if (records_[at_].code != code)
      fail(records_[at_].line, "record " + std::string(code) + " is due, not " + records_[at_].code);
    Logical logical{records_[at_].line, std::string(code), records_[at_].fields, 1};
    bool was_open = records_[at_].is_open;
    ++at_;
    while (peek() == "88") {
      const Record& more = records_[at_];
      if (was_open) {
        // A text that did not end with its line, or a field cut there: it goes on.
        logical.fields.back() += (code == "16" ? " " : "") + more.fields.front();
        if (code == "16") {
          for (std::size_t i = 1; i < more.fields.size(); ++i) logical.fields.back() += "," + more.fields[i];
        } else {
          logical.fields.insert(logical.fields.end(), more.fields.begin() + 1, more.fields.end());
        }
      } else {
        logical.fields.insert(logical.fields.end(), more.fields.begin(), more.fields.end());
      }
      was_open = more.is_open;
      ++logical.physical;
      ++at_;
    }
    if (was_open && code != "16") fail(logical.line, "the record does not end with a slash");
    return logical;
  }

  static void field_count(const Logical& record, std::size_t least, std::size_t most) {
    if (record.fields.size() < least || record.fields.size() > most)
      fail(record.line, "record " + record.code + " has " + std::to_string(record.fields.size()) + " fields");
  }

  /// Whole smallest units, with a sign or without.
  static Decimal units(int line, const std::string& text, const char* what) {
    std::string_view digits = text;
    if (!digits.empty() && (digits.front() == '+' || digits.front() == '-')) digits.remove_prefix(1);
    if (digits.empty() || digits.size() > kAmountDigitsMax ||
        digits.find_first_not_of("0123456789") != std::string_view::npos)
      fail(line, std::string(what) + " '" + text + "' is not a whole number");
    return *Decimal::parse(text);
  }

  static std::size_t whole(int line, const std::string& text, const char* what) {
    if (text.empty() || text.size() > 9 || text.find_first_not_of("0123456789") != std::string::npos)
      fail(line, std::string(what) + " '" + text + "' is not a whole number");
    return static_cast<std::size_t>(std::stoul(text));
  }

  static void compare(const Logical& trailer, std::size_t field, const Decimal& sum, const char* what) {
    const Decimal said = units(trailer.line, trailer.fields[field], what);
    if (said != sum)
      fail(trailer.line,
           std::string(what) + " says " + said.to_string() + ", the amounts add up to " + sum.to_string());
  }

  static void count(const Logical& trailer, std::size_t field, std::size_t there, const char* what) {
    const std::size_t said = whole(trailer.line, trailer.fields[field], what);
    if (said != there)
      fail(trailer.line,
           "says " + std::to_string(said) + " " + what + ", there are " + std::to_string(there));
  }

  static time::Date date_of(int line, const std::string& text) {
    if (text.size() == 6 && text.find_first_not_of("0123456789") == std::string::npos) {
      const auto date = time::Date::of(2000 + std::stoi(text.substr(0, 2)), std::stoi(text.substr(2, 2)),
                                       std::stoi(text.substr(4, 2)));
      if (date) return *date;
    }
    fail(line, "'" + text + "' is not a date YYMMDD that exists");
  }

  void group() {
    const std::size_t first = at_;
    const Logical header = next("02");
    field_count(header, 4, 7);
    const auto field = [&](std::size_t i) { return i < header.fields.size() ? header.fields[i] : ""; };
    if (field(2) != "1") fail(header.line, "the group is no update (status 1) but " + field(2));
    if (field(6) == "1" || field(6) == "3") fail(header.line, "is an interim report, not a final one");
    if (!field(6).empty() && field(6) != "2" && field(6) != "4")
      fail(header.line, "the as-of-date modifier " + field(6) + " is not known");
    as_of_ = date_of(header.line, field(3));
    group_currency_ = field(5).empty() ? "USD" : field(5);
    group_total_ = {};
    std::size_t accounts = 0;
    while (peek() == "03") {
      account();
      ++accounts;
    }
    const Logical trailer = next("98");
    field_count(trailer, 3, 3);
    compare(trailer, 0, group_total_, "group control total");
    count(trailer, 1, accounts, "accounts");
    count(trailer, 2, at_ - first, "records");
    file_total_ += group_total_;
    ++groups_;
  }

  /// The field after the amount: how it becomes available, over a varying number of fields.
  static void skip_funds(const Logical& record, std::size_t& at) {
    const std::string type = at < record.fields.size() ? record.fields[at++] : "";
    const auto skip = [&](std::size_t fields) {
      at += fields;
      if (at > record.fields.size()) fail(record.line, "the funds type " + type + " lacks fields");
    };
    if (type == "S") {
      skip(3);
    } else if (type == "V") {
      skip(2);
    } else if (type == "D") {
      skip(1);
      const std::size_t parts = whole(record.line, record.fields[at - 1], "distribution");
      skip(std::min<std::size_t>(parts, kRecordBytesMax) * 2);
    } else if (!type.empty() && type != "0" && type != "1" && type != "2" && type != "Z") {
      fail(record.line, "the funds type " + type + " is not known");
    }
  }

  static int type_of(int line, const std::string& text) {
    if (text.size() != 3 || text.find_first_not_of("0123456789") != std::string::npos)
      fail(line, "'" + text + "' is not a type of three digits");
    return std::stoi(text);
  }

  struct Summary {
    std::optional<Decimal> opening, closing, credits, debits;
    std::optional<std::size_t> credit_count, debit_count;
  };

  Summary summary_of(const Logical& header, Decimal& total) {
    Summary summary;
    for (std::size_t at = 2; at < header.fields.size();) {
      if (header.fields[at].empty()) {  // no status: empty type, amount, count and funds
        at += 4;
        continue;
      }
      const int type = type_of(header.line, header.fields[at++]);
      if (at >= header.fields.size())
        fail(header.line, "the type " + std::to_string(type) + " has no amount");
      const std::string& text = header.fields[at++];
      std::optional<Decimal> amount;
      if (!text.empty()) {
        amount = units(header.line, text, "amount");
        total += *amount;
      }
      std::optional<std::size_t> items;
      if (at < header.fields.size()) {
        if (!header.fields[at].empty()) items = whole(header.line, header.fields[at], "item count");
        ++at;
      }
      skip_funds(header, at);
      const auto take = [&](std::optional<Decimal>& place) {
        if (place) fail(header.line, "the type " + std::to_string(type) + " is there twice");
        place = amount;
      };
      if (type == kOpeningLedger) take(summary.opening);
      if (type == kClosingLedger) take(summary.closing);
      if (type == kTotalCredits) {
        take(summary.credits);
        summary.credit_count = items;
      }
      if (type == kTotalDebits) {
        take(summary.debits);
        summary.debit_count = items;
      }
    }
    if (!summary.opening) fail(header.line, "has no opening ledger balance (010)");
    if (!summary.closing) fail(header.line, "has no closing ledger balance (015)");
    return summary;
  }

  void account() {
    const std::size_t first = at_;
    const Logical header = next("03");
    if (header.fields.size() < 2 || header.fields[0].empty()) fail(header.line, "names no account");
    cash::BankStatement statement;
    statement.format = "BAI2";
    statement.account = header.fields[0];
    statement.currency = header.fields[1].empty() ? group_currency_ : header.fields[1];
    if (statement.currency != "USD") fail(header.line, statement.currency + " is not USD");
    statement.from = as_of_;
    statement.to = as_of_;
    statement.id = "BAI2 " + statement.account + " " + as_of_.to_string();
    Decimal total;
    const Summary summary = summary_of(header, total);
    statement.opening = in_dollars(*summary.opening);
    statement.closing = in_dollars(*summary.closing);
    Decimal credits, debits;
    std::size_t credit_count = 0, debit_count = 0;
    while (peek() == "16") {
      const Logical detail = next("16");
      if (auto line = transaction(detail, total)) {
        (line->amount.is_negative() ? debits : credits) += line->amount.abs();
        ++(line->amount.is_negative() ? debit_count : credit_count);
        statement.lines.push_back(*std::move(line));
      }
    }
    const Logical trailer = next("49");
    field_count(trailer, 2, 2);
    compare(trailer, 0, total, "account control total");
    count(trailer, 1, at_ - first, "records");
    const auto agree = [&](const char* what, const std::optional<Decimal>& said, const Decimal& sum,
                           const std::optional<std::size_t>& items, std::size_t there) {
      if (said && in_dollars(*said) != sum)
        fail(header.line, std::string(what) + " are " + in_dollars(*said).to_string() +
                              ", the entries add up to " + sum.to_string());
      if (items && *items != there)
        fail(header.line, std::string(what) + " are of " + std::to_string(*items) + " items, there are " +
                              std::to_string(there));
    };
    agree("total credits (100)", summary.credits, credits, summary.credit_count, credit_count);
    agree("total debits (400)", summary.debits, debits, summary.debit_count, debit_count);
    group_total_ += total;
    statements_.push_back(std::move(statement));
  }

  static Decimal in_dollars(const Decimal& cents) { return cents * Decimal::of(1, kCents); }

  std::optional<cash::StatementLine> transaction(const Logical& detail, Decimal& total) const {
    if (detail.fields.size() < 2) fail(detail.line, "record 16 has no amount");
    const int type = type_of(detail.line, detail.fields[0]);
    const std::string& text = detail.fields[1];
    if (type == kNoAmount) {
      if (!text.empty() && !units(detail.line, text, "amount").is_zero())
        fail(detail.line, "type 890 carries an amount");
      return std::nullopt;
    }
    if (type <= kTotalCredits || type == kTotalDebits || (type >= kLoans && type <= kLastType))
      fail(detail.line, "type " + detail.fields[0] + " is no credit and no debit");
    const Decimal amount = units(detail.line, text, "amount");
    if (amount.is_negative()) fail(detail.line, "an amount is negative: the type says the side");
    total += amount;
    std::size_t at = 2;
    const std::size_t funds = at;
    skip_funds(detail, at);
    cash::StatementLine line;
    line.type = detail.fields[0];
    line.amount = type < kTotalDebits ? in_dollars(amount) : -in_dollars(amount);
    line.booked = as_of_;
    line.value = as_of_;
    if (funds < detail.fields.size() && detail.fields[funds] == "V" && !detail.fields[funds + 1].empty())
      line.value = date_of(detail.line, detail.fields[funds + 1]);
    if (at < detail.fields.size()) line.reference = detail.fields[at++];
    if (at < detail.fields.size()) line.customer_reference = detail.fields[at++];
    for (bool is_first = true; at < detail.fields.size(); ++at, is_first = false)
      line.text += (is_first ? "" : ",") + detail.fields[at];
    return line;
  }

  std::vector<Record> records_;
  std::size_t at_ = 0;
  time::Date as_of_;
  std::string group_currency_;
  Decimal group_total_;
  Decimal file_total_;
  std::size_t groups_ = 0;
  std::vector<cash::BankStatement> statements_;
};

}  // namespace

base::Checked<std::vector<cash::BankStatement>> read_bai2(std::string_view content) {
  return base::checked([&] { return Bai2(content).file(); });
}

base::Checked<std::vector<cash::BankStatement>> read_bank_statements(std::string_view content) {
  if (content.size() > kStatementBytesMax) return base::Refusal{"", "is larger than 32 MiB"};
  const std::string_view start = content.starts_with("\xEF\xBB\xBF") ? content.substr(3) : content;
  const std::size_t first = start.find_first_not_of(" \t\r\n");
  base::Checked<std::vector<cash::BankStatement>> read =
      base::Refusal{"", "is neither camt.053 (XML) nor BAI2 (a record 01 first)"};
  if (first != std::string_view::npos && start[first] == '<') read = read_camt053(content);
  if (content.starts_with("01,")) read = read_bai2(content);
  if (read.has_error()) return read.error();
  for (const cash::BankStatement& statement : *read) {
    const auto checked = cash::check_statement(statement);
    if (checked.has_error()) return checked.error().within("statement " + statement.id);
  }
  return read;
}

}  // namespace navkeeper::nav
