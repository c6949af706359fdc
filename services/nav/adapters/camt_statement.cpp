#include <algorithm>
#include <optional>

#include "common/base/refuse.h"
#include "common/money/decimal.h"
#include "common/time/instant.h"
#include "services/nav/adapters/bank_statement_file.h"
#include "services/nav/adapters/xml_reader.h"

namespace navkeeper::nav {
namespace {

using money::Decimal;

constexpr std::string_view kNamespace = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.";
constexpr int kVersionFirst = 2;
constexpr int kVersionLast = 14;
constexpr std::size_t kAmountLengthMax = 20;  ///< 18 digits (totalDigits of the schema), point and sign
constexpr int kAmountDecimalsMax = 5;
constexpr std::string_view kNoReference = "NOTPROVIDED";

[[noreturn]] void fail(const XmlElement& at, const std::string& rule) {
  base::refuse("line " + std::to_string(at.line) + ": " + at.name, rule);
}

const XmlElement* optional_child(const XmlElement& parent, std::string_view name) {
  if (parent.count(name) > 1) fail(parent, "has more than one " + std::string(name));
  return parent.child(name);
}

const XmlElement& required_child(const XmlElement& parent, std::string_view name) {
  const XmlElement* const found = optional_child(parent, name);
  if (found == nullptr) fail(parent, "has no " + std::string(name));
  return *found;
}

std::string text_of(const XmlElement& element) {
  if (!element.children.empty()) fail(element, "has elements where text is due");
  if (element.text.empty()) fail(element, "is empty");
  return element.text;
}

std::string optional_text(const XmlElement& parent, std::string_view name) {
  const XmlElement* const found = optional_child(parent, name);
  return found == nullptr ? std::string() : text_of(*found);
}

Decimal decimal_of(const XmlElement& element) {
  const std::string text = text_of(element);
  // xs:decimal has no exponent.
  if (text.find_first_not_of("0123456789.+-") != std::string::npos) fail(element, "is not a decimal");
  const auto value = Decimal::parse(text);
  if (value.has_error()) fail(element, std::string(describe(value.error())));
  if (text.size() > kAmountLengthMax || value->scale() > kAmountDecimalsMax)
    fail(element, "has more than 18 digits or 5 decimals");
  return *value;
}

/// Dt{Dt|DtTm}: the local date that is written.
time::Date date_of(const XmlElement& choice) {
  const XmlElement* const date = optional_child(choice, "Dt");
  const XmlElement* const moment = optional_child(choice, "DtTm");
  if ((date == nullptr) == (moment == nullptr)) fail(choice, "has neither Dt nor DtTm, or both");
  const XmlElement& said = date != nullptr ? *date : *moment;
  const auto day = time::Date::parse(text_of(said).substr(0, 10));
  if (!day || (date != nullptr && said.text.size() > 16)) fail(said, "is not a date that exists");
  return *day;
}

time::Date day_of_time(const XmlElement& element) {
  const auto day = time::Date::parse(text_of(element).substr(0, 10));
  if (!day) fail(element, "is not a time that exists");
  return *day;
}

/// A period that begins at noon or later is of the next day: a bank's day from cut-off to cut-off.
bool is_evening(const XmlElement& moment) {
  constexpr std::size_t kHour = 11;  // of YYYY-MM-DDTHH
  return moment.text.size() > kHour + 1 && moment.text[kHour - 1] == 'T' &&
         moment.text.substr(kHour, 2) >= "12" && moment.text.substr(kHour, 2) <= "23";
}

/// CRDT adds, DBIT takes.
bool is_credit(const XmlElement& parent) {
  const XmlElement& indicator = required_child(parent, "CdtDbtInd");
  if (text_of(indicator) == "CRDT") return true;
  if (indicator.text == "DBIT") return false;
  fail(indicator, "is neither CRDT nor DBIT");
}

Decimal amount_of(const XmlElement& parent, const std::string& currency) {
  const XmlElement& element = required_child(parent, "Amt");
  const std::string* const unit = element.attribute("Ccy");
  if (unit == nullptr) fail(element, "has no Ccy");
  if (*unit != currency) fail(element, "is in " + *unit + ", the account in " + currency);
  const Decimal value = decimal_of(element);
  if (value.is_negative()) fail(element, "is negative: CdtDbtInd says the side");
  return is_credit(parent) ? value : -value;
}

/// A code or a bank's own word: {Cd|Prtry}.
std::string code_of(const XmlElement& choice) {
  const XmlElement* const code = optional_child(choice, "Cd");
  const XmlElement* const own = optional_child(choice, "Prtry");
  if ((code == nullptr) == (own == nullptr)) fail(choice, "has neither Cd nor Prtry, or both");
  return text_of(code != nullptr ? *code : *own);
}

std::string account_number(const XmlElement& account) {
  const XmlElement& id = required_child(account, "Id");
  const XmlElement* const iban = optional_child(id, "IBAN");
  const XmlElement* const other = optional_child(id, "Othr");
  if ((iban == nullptr) == (other == nullptr)) fail(id, "has neither IBAN nor Othr, or both");
  return iban != nullptr ? text_of(*iban) : text_of(required_child(*other, "Id"));
}

/// "PMNT/RCDT/DMCT", or the bank's own code.
std::string transaction_code(const XmlElement& entry) {
  const XmlElement* const code = optional_child(entry, "BkTxCd");
  if (code == nullptr) return "";
  if (const XmlElement* const domain = optional_child(*code, "Domn")) {
    const XmlElement& family = required_child(*domain, "Fmly");
    return text_of(required_child(*domain, "Cd")) + "/" + text_of(required_child(family, "Cd")) + "/" +
           text_of(required_child(family, "SubFmlyCd"));
  }
  if (const XmlElement* const own = optional_child(*code, "Prtry"))
    return text_of(required_child(*own, "Cd"));
  return "";
}

/// Ours, where the entry is of one transaction.
std::string customer_reference(const XmlElement& entry) {
  std::string found;
  for (const XmlElement& details : entry.children) {
    if (details.name != "NtryDtls") continue;
    for (const XmlElement& transaction : details.children) {
      if (transaction.name != "TxDtls") continue;
      const XmlElement* const references = optional_child(transaction, "Refs");
      std::string one = references == nullptr ? "" : optional_text(*references, "EndToEndId");
      if (one == kNoReference) one.clear();
      if (one.empty() && references != nullptr) one = optional_text(*references, "InstrId");
      if (!found.empty() && one != found) return "";  // a batch has no one reference
      found = one;
    }
  }
  return found;
}

/// "BOOK", in the form of the version: a code until 07, {Cd|Prtry} since.
std::string status_of(const XmlElement& entry) {
  const XmlElement& status = required_child(entry, "Sts");
  return status.children.empty() ? text_of(status) : code_of(status);
}

std::optional<cash::StatementLine> read_entry(const XmlElement& entry, const std::string& currency) {
  const std::string status = status_of(entry);
  if (status != "BOOK" && status != "PDNG" && status != "INFO" && status != "FUTR")
    fail(entry, "its status " + status + " is none of BOOK, PDNG, INFO, FUTR");
  cash::StatementLine line;
  line.amount = amount_of(entry, currency);
  if (const XmlElement* const reversal = optional_child(entry, "RvslInd")) {
    const std::string word = text_of(*reversal);
    // CdtDbtInd is the side of the reversal itself (ISO 20022 message definition report).
    if (word != "true" && word != "false" && word != "1" && word != "0") fail(*reversal, "is no yes or no");
  }
  if (status != "BOOK") return std::nullopt;
  const XmlElement* const booked = optional_child(entry, "BookgDt");
  const XmlElement* const value = optional_child(entry, "ValDt");
  if (booked == nullptr && value == nullptr) fail(entry, "has neither BookgDt nor ValDt");
  line.booked = date_of(booked != nullptr ? *booked : *value);
  line.value = date_of(value != nullptr ? *value : *booked);
  line.reference = optional_text(entry, "AcctSvcrRef");
  if (line.reference.empty()) line.reference = optional_text(entry, "NtryRef");
  line.customer_reference = customer_reference(entry);
  line.type = transaction_code(entry);
  line.text = optional_text(entry, "AddtlNtryInf");
  return line;
}

struct Balances {
  const XmlElement* opening = nullptr;
  const XmlElement* previous = nullptr;
  const XmlElement* closing = nullptr;
};

Balances balances_of(const XmlElement& statement) {
  Balances balances;
  const auto take = [](const XmlElement*& place, const XmlElement& balance) {
    if (place != nullptr) fail(balance, "is the second of its kind");
    place = &balance;
  };
  for (const XmlElement& balance : statement.children) {
    if (balance.name != "Bal") continue;
    const XmlElement& type = required_child(balance, "Tp");
    const std::string code = code_of(required_child(type, "CdOrPrtry"));
    if (optional_child(type, "SubTp") != nullptr && (code == "OPBD" || code == "CLBD"))
      fail(balance, "is of a page among several: such statements are not read");
    if (code == "OPBD") take(balances.opening, balance);
    if (code == "PRCD") take(balances.previous, balance);
    if (code == "CLBD") take(balances.closing, balance);
  }
  if (balances.opening == nullptr && balances.previous == nullptr)
    fail(statement, "has no opening balance (OPBD or PRCD)");
  if (balances.closing == nullptr) fail(statement, "has no closing balance (CLBD)");
  return balances;
}

/// Number and sum of entries as the bank counted them, over all entries, booked or not.
void check_totals(const XmlElement& statement, const std::string& currency) {
  const XmlElement* const summary = optional_child(statement, "TxsSummry");
  if (summary == nullptr) return;
  std::size_t credits = 0, debits = 0;
  Decimal credit, debit;
  for (const XmlElement& entry : statement.children) {
    if (entry.name != "Ntry") continue;
    const Decimal amount = amount_of(entry, currency);
    if (is_credit(entry)) {
      ++credits;
      credit += amount;
    } else {
      ++debits;
      debit -= amount;
    }
  }
  const auto compare = [&](const char* name, std::size_t count, const Decimal& sum) {
    const XmlElement* const totals = optional_child(*summary, name);
    if (totals == nullptr) return;
    if (const XmlElement* const number = optional_child(*totals, "NbOfNtries");
        number != nullptr && text_of(*number) != std::to_string(count))
      fail(*number, "says " + number->text + " entries, there are " + std::to_string(count));
    if (const XmlElement* const said = optional_child(*totals, "Sum");
        said != nullptr && decimal_of(*said) != sum)
      fail(*said, "says " + said->text + ", the entries add up to " + sum.to_string());
    // 02 has amount and side beside each other, later versions inside one element.
    const XmlElement* const net = optional_child(*totals, "TtlNetNtry");
    const XmlElement* const net_amount =
        net != nullptr ? &required_child(*net, "Amt") : optional_child(*totals, "TtlNetNtryAmt");
    if (net_amount == nullptr) return;
    const Decimal value = decimal_of(*net_amount);
    const Decimal signed_value = is_credit(net != nullptr ? *net : *totals) ? value : -value;
    if (signed_value != credit - debit)
      fail(*net_amount,
           "says " + signed_value.to_string() + ", the entries net to " + (credit - debit).to_string());
  };
  compare("TtlNtries", credits + debits, credit + debit);
  compare("TtlCdtNtries", credits, credit);
  compare("TtlDbtNtries", debits, debit);
}

void refuse_pages(const XmlElement& parent, std::string_view name) {
  const XmlElement* const page = optional_child(parent, name);
  if (page == nullptr) return;
  if (optional_text(*page, "PgNb") != "1" || optional_text(*page, "LastPgInd") != "true")
    fail(*page, "is of a page among several: such statements are not read");
}

cash::BankStatement read_statement(const XmlElement& element, const std::string& format) {
  cash::BankStatement statement;
  statement.format = format;
  statement.id = text_of(required_child(element, "Id"));
  refuse_pages(element, "StmtPgntn");
  const XmlElement& account = required_child(element, "Acct");
  statement.account = account_number(account);
  const Balances balances = balances_of(element);
  const XmlElement& opening = balances.opening != nullptr ? *balances.opening : *balances.previous;
  statement.currency = optional_text(account, "Ccy");
  if (statement.currency.empty()) {
    const std::string* const unit = required_child(*balances.closing, "Amt").attribute("Ccy");
    if (unit == nullptr) fail(*balances.closing, "has no Ccy");
    statement.currency = *unit;
  }
  statement.opening = amount_of(opening, statement.currency);
  statement.closing = amount_of(*balances.closing, statement.currency);
  if (balances.opening != nullptr && balances.previous != nullptr &&
      amount_of(*balances.previous, statement.currency) != statement.opening)
    fail(*balances.previous, "is not the opening balance");
  statement.to = date_of(required_child(*balances.closing, "Dt"));
  statement.from = statement.to;
  for (const XmlElement& entry : element.children) {
    if (entry.name != "Ntry") continue;
    if (auto line = read_entry(entry, statement.currency)) {
      statement.from = std::min(statement.from, line->booked);
      statement.lines.push_back(*std::move(line));
    }
    if (statement.lines.size() > kStatementLinesMax) fail(entry, "there are too many entries");
  }
  if (const XmlElement* const period = optional_child(element, "FrToDt")) {
    const XmlElement& begin = required_child(*period, "FrDtTm");
    const time::Date first = day_of_time(begin);
    statement.from = is_evening(begin) && first < statement.to ? first + 1 : first;
    const time::Date last = day_of_time(required_child(*period, "ToDtTm"));
    if (last < statement.to) fail(*period, "ends before the closing balance");
    for (const cash::StatementLine& line : statement.lines) {
      if (line.booked < first) fail(*period, "begins after an entry that is booked");
    }
  }
  check_totals(element, statement.currency);
  return statement;
}

std::string format_of(const XmlElement& root) {
  if (root.name != "Document") fail(root, "is not the Document of an ISO 20022 message");
  const std::string_view space = root.name_space;
  if (!space.starts_with(kNamespace))
    fail(root, "is no camt.053 message: its namespace is " + root.name_space);
  const std::string_view version = space.substr(kNamespace.size());
  const int number = version.size() == 2 && version.find_first_not_of("0123456789") == std::string_view::npos
                         ? (version[0] - '0') * 10 + (version[1] - '0')
                         : 0;
  if (number < kVersionFirst || number > kVersionLast)
    fail(root, "is camt.053 of a version that is not known: " + std::string(version));
  return "camt.053.001." + std::string(version);
}

/// Elements of another namespace say nothing that is read here; they would be taken for ours.
void refuse_foreign(const XmlElement& element, const std::string& name_space) {
  if (element.name == "SplmtryData" || element.name == "Envlp") return;
  if (element.name_space != name_space) fail(element, "is of another namespace");
  for (const XmlElement& child : element.children) refuse_foreign(child, name_space);
}

}  // namespace

base::Checked<std::vector<cash::BankStatement>> read_camt053(std::string_view content) {
  return base::checked([&] {
    const XmlElement root = base::value_or_refuse(read_xml(content));
    const std::string format = format_of(root);
    refuse_foreign(root, root.name_space);
    const XmlElement& message = required_child(root, "BkToCstmrStmt");
    refuse_pages(required_child(message, "GrpHdr"), "MsgPgntn");
    std::vector<cash::BankStatement> statements;
    for (const XmlElement& element : message.children) {
      if (element.name == "Stmt") statements.push_back(read_statement(element, format));
    }
    if (statements.empty()) fail(message, "has no Stmt");
    return statements;
  });
}

}  // namespace navkeeper::nav
