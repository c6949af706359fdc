// camt.053 and BAI2 as files: every version's form reads alike, what is written by a second hand reads back,
// and each broken statement is refused by its rule.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "services/nav/adapters/bank_statement_file.h"
#include "services/nav/adapters/xml_reader.h"
#include "tests/support/process.h"

namespace navkeeper::nav {
namespace {

using cash::BankStatement;
using cash::StatementLine;
using money::Decimal;
using time::Date;

Decimal dec(std::string_view text) { return Decimal::literal(text); }

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const auto at = text.find(from);
  if (at == std::string::npos) {
    ADD_FAILURE() << from << " is not there";
    return text;
  }
  return text.replace(at, from.size(), to);
}

std::string refusal_of(const std::string& content) {
  const auto read = read_bank_statements(content);
  if (read.has_error()) return read.error().message();
  ADD_FAILURE() << "was not refused";
  return "";
}

/// The forms in which the versions differ.
std::string camt(int version = 8, const std::string& prefix = "") {
  const std::string p = prefix.empty() ? "" : prefix + ":";
  const std::string number = (version < 10 ? "0" : "") + std::to_string(version);
  const std::string status = version < 8 ? "BOOK" : "<" + p + "Cd>BOOK</" + p + "Cd>";
  const std::string net = version < 3 ? "<" + p + "TtlNetNtryAmt>900.00</" + p + "TtlNetNtryAmt><" + p +
                                            "CdtDbtInd>CRDT</" + p + "CdtDbtInd>"
                                      : "<" + p + "TtlNetNtry><" + p + "Amt>900.00</" + p + "Amt><" + p +
                                            "CdtDbtInd>CRDT</" + p + "CdtDbtInd></" + p + "TtlNetNtry>";
  std::string text = R"(<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.)" +
                     number + R"(">
<BkToCstmrStmt><GrpHdr><MsgId>M1</MsgId><CreDtTm>2026-03-10T23:00:00Z</CreDtTm></GrpHdr>
<Stmt><Id>S-2026-03-10</Id><ElctrncSeqNb>5</ElctrncSeqNb><CreDtTm>2026-03-10T23:00:00Z</CreDtTm>
<FrToDt><FrDtTm>2026-03-10T00:00:00</FrDtTm><ToDtTm>2026-03-10T23:59:59</ToDtTm></FrToDt>
<Acct><Id><Othr><Id>123456789</Id></Othr></Id><Ccy>USD</Ccy></Acct>
<Bal><Tp><CdOrPrtry><Cd>OPBD</Cd></CdOrPrtry></Tp><Amt Ccy="USD">1000.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2026-03-10</Dt></Dt></Bal>
<Bal><Tp><CdOrPrtry><Cd>CLBD</Cd></CdOrPrtry></Tp><Amt Ccy="USD">1900.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2026-03-10</Dt></Dt></Bal>
<TxsSummry><TtlNtries><NbOfNtries>2</NbOfNtries><Sum>1100.00</Sum>@NET@</TtlNtries></TxsSummry>
<Ntry><Amt Ccy="USD">1000.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>@STS@</Sts><BookgDt><Dt>2026-03-10</Dt></BookgDt><ValDt><Dt>2026-03-10</Dt></ValDt><AcctSvcrRef>B-1</AcctSvcrRef>
<BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>RCDT</Cd><SubFmlyCd>DMCT</SubFmlyCd></Fmly></Domn></BkTxCd>
<NtryDtls><TxDtls><Refs><EndToEndId>order-7</EndToEndId></Refs></TxDtls></NtryDtls></Ntry>
<Ntry><Amt Ccy="USD">100.00</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts>@STS@</Sts><BookgDt><DtTm>2026-03-10T15:00:00-05:00</DtTm></BookgDt><ValDt><Dt>2026-03-11</Dt></ValDt><AcctSvcrRef>B-2</AcctSvcrRef>
<BkTxCd><Prtry><Cd>FEE</Cd></Prtry></BkTxCd><AddtlNtryInf>A &amp; B&#33;</AddtlNtryInf></Ntry>
</Stmt></BkToCstmrStmt></Document>
)";
  if (!prefix.empty()) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
      out.push_back(text[i]);
      if (text[i] != '<' || i + 1 >= text.size() || text[i + 1] == '?') continue;
      if (text[i + 1] == '/') out.push_back(text[++i]);
      out += p;
    }
    text = replaced(out, "xmlns=", "xmlns:" + prefix + "=");
  }
  const auto all = [&](const std::string& from, const std::string& to) {
    for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
      text.replace(at, from.size(), to);
  };
  all("@STS@", status);
  all("@NET@", net);
  return text;
}

BankStatement one(const std::string& content) {
  const auto read = read_bank_statements(content);
  if (read.has_error()) {
    ADD_FAILURE() << read.error().message();
    return {};
  }
  EXPECT_EQ(read->size(), 1U);
  return read->front();
}

void expect_sample(const BankStatement& statement) {
  EXPECT_EQ(statement.account, "123456789");
  EXPECT_EQ(statement.currency, "USD");
  EXPECT_EQ(statement.from, Date::literal("2026-03-10"));
  EXPECT_EQ(statement.to, Date::literal("2026-03-10"));
  EXPECT_EQ(statement.opening, dec("1000"));
  EXPECT_EQ(statement.closing, dec("1900"));
  ASSERT_EQ(statement.lines.size(), 2U);
  EXPECT_EQ(statement.lines[0].reference, "B-1");
  EXPECT_EQ(statement.lines[0].customer_reference, "order-7");
  EXPECT_EQ(statement.lines[0].amount, dec("1000"));
  EXPECT_EQ(statement.lines[1].amount, dec("-100"));
  EXPECT_EQ(statement.lines[1].value, Date::literal("2026-03-11"));
}

TEST(Camt053, EveryVersionWithAndWithoutPrefixReadsAlike) {
  for (int version = 2; version <= 14; ++version) {
    SCOPED_TRACE(version);
    expect_sample(one(camt(version)));
    expect_sample(one(camt(version, "ns2")));
  }
  const BankStatement statement = one(camt());
  EXPECT_EQ(statement.id, "S-2026-03-10");
  EXPECT_EQ(statement.format, "camt.053.001.08");
  EXPECT_EQ(statement.lines[0].type, "PMNT/RCDT/DMCT");
  EXPECT_EQ(statement.lines[1].type, "FEE");
  EXPECT_EQ(statement.lines[1].text, "A & B!");
}

TEST(Camt053, APeriodFromCutOffToCutOffIsOfTheDayThatItEndsOn) {
  const auto with = [](const std::string& begin, const std::string& end) {
    std::string text = camt();
    text.replace(text.find("2026-03-10T00:00:00</Fr"), 19, begin);
    text.replace(text.find("2026-03-10T23:59:59</To"), 19, end);
    return text;
  };
  expect_sample(one(with("2026-03-09T17:00:00-05:00", "2026-03-10T17:00:00-05:00")));
  expect_sample(one(with("2026-03-10T05:00:00Z", "2026-03-11T04:59:59Z")));
  EXPECT_EQ(one(with("2026-03-09T00:00:00", "2026-03-10T23:59:59")).from, Date::literal("2026-03-09"));
}

/// The schema of version 14, where the shared data is.
std::filesystem::path schema() {
  return tests::source_dir() / ".." / "shared" / "data" / "regulatory" / "iso20022" / "camt.053.001.14.xsd";
}

TEST(Camt053, TheSampleIsValidByTheOfficialSchema) {
  if (!std::filesystem::exists(schema())) GTEST_SKIP() << "the shared schema is not there";
  if (std::system("command -v xmllint > /dev/null 2>&1") != 0) GTEST_SKIP() << "xmllint is not installed";
  tests::TemporaryFolder folder;
  const std::string file = folder.write("sample.xml", camt(14));
  const auto ended =
      tests::run_process({"/usr/bin/env", "xmllint", "--noout", "--schema", schema().string(), file}, {});
  EXPECT_EQ(ended.exit_code, 0) << ended.err;
}

TEST(Camt053, TheReaderOfXmlReadsTheOfficialSchemaItself) {
  if (!std::filesystem::exists(schema())) GTEST_SKIP() << "the shared schema is not there";
  const auto root = read_xml(tests::read_file(schema()));
  ASSERT_TRUE(root.has_value()) << root.error().message();
  EXPECT_EQ(root->name, "schema");
  EXPECT_GT(root->children.size(), 100U);
}

TEST(Camt053, EachBrokenStatementIsRefusedByItsRule) {
  const std::string good = camt();
  const std::vector<std::array<std::string, 3>> broken{
      {"<Amt Ccy=\"USD\">1900.00</Amt>", "<Amt Ccy=\"USD\">1900.01</Amt>", "does not foot"},
      {"<NbOfNtries>2<", "<NbOfNtries>3<", "says 3 entries, there are 2"},
      {"<Sum>1100.00<", "<Sum>1100.01<", "the entries add up to 1100"},
      {"<Amt>900.00<", "<Amt>901.00<", "the entries net to 900"},
      {"<Amt Ccy=\"USD\">100.00<", "<Amt Ccy=\"EUR\">100.00<", "is in EUR"},
      {"<Amt Ccy=\"USD\">100.00<", "<Amt Ccy=\"USD\">-100.00<", "is negative"},
      {"<Amt Ccy=\"USD\">100.00<", "<Amt Ccy=\"USD\">1E2<", "is not a decimal"},
      {"<Cd>CLBD</Cd>", "<Cd>CLAV</Cd>", "no closing balance"},
      {"<Cd>OPBD</Cd>", "<Cd>ITBD</Cd>", "no opening balance"},
      {"<Cd>CLBD</Cd>", "<Cd>OPBD</Cd>", "is the second of its kind"},
      {"<AcctSvcrRef>B-2<", "<AcctSvcrRef><", "is empty"},
      {"<Dt>2026-03-11</Dt>", "<Dt>2026-02-30</Dt>", "is not a date that exists"},
      {"camt.053.001.08", "camt.052.001.08", "is no camt.053"},
      {"camt.053.001.08", "camt.053.001.15", "version that is not known"},
      {"<CdtDbtInd>DBIT", "<CdtDbtInd>OUT", "is neither CRDT nor DBIT"},
      {"<Id>S-2026-03-10</Id>",
       "<Id>S-2026-03-10</Id><StmtPgntn><PgNb>1</PgNb><LastPgInd>false</LastPgInd></StmtPgntn>",
       "page among several"},
      {"<?xml version=\"1.0\" encoding=\"UTF-8\"?>", "<!DOCTYPE x [<!ENTITY a \"b\">]>",
       "a document type is not allowed"},
      {"A &amp; B", "A &evil; B", "the entity &evil; is not allowed"},
      {"encoding=\"UTF-8\"", "encoding=\"UTF-16\"", "encoding is not UTF-8"},
      {"</Stmt>", "</Stmtt>", "ends under another name"},
      {"<Stmt>", "<Stmt xmlns=\"urn:other\">", "of another namespace"},
  };
  for (const auto& [from, to, rule] : broken) {
    SCOPED_TRACE(to);
    EXPECT_NE(refusal_of(replaced(good, from, to)).find(rule), std::string::npos)
        << refusal_of(replaced(good, from, to));
  }
  EXPECT_NE(refusal_of(good.substr(0, good.find("</Stmt>"))).find("does not end"), std::string::npos);
  EXPECT_NE(refusal_of("hello").find("neither camt.053"), std::string::npos);
  std::string deep;
  for (int i = 0; i < 100; ++i) deep += "<a>";
  EXPECT_NE(refusal_of(deep).find("nested too deeply"), std::string::npos);
}

/// Written from the specification's layout, by another hand than the reader's.
std::string bai2(const BankStatement& statement) {
  const auto cents = [](const Decimal& dollars) { return (dollars * Decimal::of(100)).to_string(); };
  const auto day = [](Date date) {
    std::string text = date.to_string();
    return text.substr(2, 2) + text.substr(5, 2) + text.substr(8, 2);
  };
  Decimal total = (statement.opening + statement.closing) * Decimal::of(100);
  std::string body = "03," + statement.account + ",USD,010," + cents(statement.opening) + ",,/\n88,015," +
                     cents(statement.closing) + ",,/\n";
  int records = 2;
  for (const StatementLine& line : statement.lines) {
    total += line.amount.abs() * Decimal::of(100);
    body += std::string("16,") + (line.amount.is_negative() ? "495," : "195,") + cents(line.amount.abs()) +
            ",V," + day(line.value) + ",," + line.reference + "," + line.customer_reference + "," +
            line.text + "\n";
    ++records;
  }
  ++records;
  body += "49," + total.to_string() + "," + std::to_string(records) + "/\n";
  return "01,BANK,FUND,260310,2300,1,,,2/\n02,FUND,BANK,1," + day(statement.to) + ",2300,USD,2/\n" + body +
         "98," + total.to_string() + ",1," + std::to_string(records + 2) + "/\n99," + total.to_string() +
         ",1," + std::to_string(records + 4) + "/\n";
}

RC_GTEST_PROP(Bai2, WhatASecondHandWritesReadsBack, ()) {
  BankStatement written;
  written.account = "42";
  written.currency = "USD";
  written.from = written.to = Date::literal("2026-03-10");
  written.opening = Decimal::of(*rc::gen::inRange<std::int64_t>(-1'000'000, 1'000'000'000), 2);
  written.closing = written.opening;
  const int count = *rc::gen::inRange(0, 30);
  for (int i = 0; i < count; ++i) {
    const std::int64_t cents = *rc::gen::inRange<std::int64_t>(1, 1'000'000'000);
    StatementLine line;
    line.reference = "B" + std::to_string(i);
    line.customer_reference = "C" + std::to_string(i % 3);
    line.amount = Decimal::of(*rc::gen::arbitrary<bool>() ? cents : -cents, 2);
    line.booked = written.to;
    line.value = written.to + *rc::gen::inRange(0, 3);
    line.type = line.amount.is_negative() ? "495" : "195";
    line.text = "text, with comma";
    written.closing += line.amount;
    written.lines.push_back(line);
  }
  const auto read = read_bank_statements(bai2(written));
  RC_ASSERT(read.has_value());
  RC_ASSERT(read->front().opening == written.opening);
  RC_ASSERT(read->front().closing == written.closing);
  RC_ASSERT(read->front().lines == written.lines);
}

BankStatement sample() {
  BankStatement statement = one(camt());
  statement.lines[0].text = "wire in";
  statement.lines[1].text = "wire fee";
  return statement;
}

TEST(Bai2, EachBrokenFileIsRefusedByItsRule) {
  const std::string good = bai2(sample());
  ASSERT_TRUE(read_bank_statements(good).has_value()) << read_bank_statements(good).error().message();
  const std::vector<std::array<std::string, 3>> broken{
      {"015,190000", "015,190001", "account control total says"},
      {"49,400000,5/", "49,400000,6/", "says 6 records, there are 5"},
      {"98,400000,1,7/", "98,400001,1,7/", "group control total"},
      {"98,400000,1,7/", "98,400000,2,7/", "says 2 accounts"},
      {"99,400000,1,9/", "99,400000,1,8/", "says 8 records, there are 9"},
      {",1,260310,", ",3,260310,", "is no update"},
      {"USD,2/", "USD,1/", "interim report"},
      {"16,195,", "16,995,", "no credit and no debit"},
      {"16,195,", "16,15,", "is not a type of three digits"},
      {"88,015,190000,,/\n", "", "no closing ledger balance"},
      {"03,123456789,USD,", "03,123456789,EUR,", "EUR is not USD"},
      {"02,FUND,BANK,1,260310", "02,FUND,BANK,1,260230", "is not a date YYMMDD"},
      {",,,2/", ",,,1/", "is not version 2"},
      {"16,495,10000,V", "16,495,10000,Q", "funds type Q is not known"},
      {"16,495,10000,", "16,495,-10000,", "an amount is negative"},
      {"16,495", "17,495", "there is no record 17"},
  };
  for (const auto& [from, to, rule] : broken) {
    SCOPED_TRACE(to);
    EXPECT_NE(refusal_of(replaced(good, from, to)).find(rule), std::string::npos)
        << refusal_of(replaced(good, from, to));
  }
  // Control totals that agree with each other do not make a statement foot.
  std::string unbalanced = replaced(good, "015,190000", "015,190001");
  for (const char* trailer : {"49,400000", "98,400000", "99,400000"})
    unbalanced = replaced(unbalanced, trailer, std::string(trailer).substr(0, 8) + "1");
  EXPECT_NE(refusal_of(unbalanced).find("does not foot"), std::string::npos) << refusal_of(unbalanced);
  EXPECT_NE(refusal_of(good.substr(0, good.find("99,"))).find("record 99 is due"), std::string::npos);
  EXPECT_NE(refusal_of(good + "01,again,/\n").find("follows the file's trailer"), std::string::npos);
}

TEST(Bai2, ATextGoesOnInContinuationRecords) {
  const std::string good = bai2(sample());
  std::string continued = replaced(good, "wire in\n", "wire\n88,in from AP, order 7\n");
  continued = replaced(continued, "49,400000,5/", "49,400000,6/");
  continued = replaced(continued, "98,400000,1,7/", "98,400000,1,8/");
  continued = replaced(continued, "99,400000,1,9/", "99,400000,1,10/");
  EXPECT_EQ(one(continued).lines[0].text, "wire in from AP, order 7");
}

TEST(Statements, TheSameAgainIsKnownAndOtherHistoryRefuses) {
  const BankStatement statement = sample();
  const cash::BankAccount account{"main", "123456789", "USD", "BANK"};
  const cash::TakenStatement before{
      "S-1", Date::literal("2026-03-09"), Date::literal("2026-03-09"), dec("0"), dec("1000"), "h0"};
  const auto admit = [&](const BankStatement& one, const cash::TakenStatement* same,
                         const cash::TakenStatement* last, std::vector<StatementLine> seen = {},
                         const cash::TakenStatement* after = nullptr) {
    const auto news = cash::admit_statement(one, "h1", account, same, {last, after}, seen);
    return news.has_error() ? news.error().message() : *news == cash::StatementNews::kKnown ? "known" : "new";
  };
  EXPECT_EQ(admit(statement, nullptr, nullptr), "new");
  EXPECT_EQ(admit(statement, nullptr, &before), "new");
  cash::TakenStatement same = before;
  same.hash = "h1";
  EXPECT_EQ(admit(statement, &same, &before), "known");
  same.hash = "h2";
  EXPECT_NE(admit(statement, &same, &before).find("other content"), std::string::npos);
  cash::TakenStatement late = before;
  late.to = Date::literal("2026-03-10");
  EXPECT_NE(admit(statement, nullptr, nullptr, {}, &late).find("overlaps"), std::string::npos);
  // Later ones were taken before it: it has to end where they begin.
  cash::TakenStatement after{"S-3", statement.to + 1, statement.to + 1, statement.closing, dec("0"), "h3"};
  EXPECT_EQ(admit(statement, nullptr, &before, {}, &after), "new");
  EXPECT_NE(admit(statement, nullptr, nullptr, {}, &after).find("before the first one"), std::string::npos);
  after.opening = statement.closing + dec("1");
  EXPECT_NE(admit(statement, nullptr, &before, {}, &after).find("not the opening balance of statement S-3"),
            std::string::npos);
  cash::TakenStatement gap = before;
  gap.closing = dec("999");
  EXPECT_NE(admit(statement, nullptr, &gap).find("one between is missing"), std::string::npos);
  EXPECT_NE(admit(statement, nullptr, &before, {statement.lines[0]}).find("earlier statement"),
            std::string::npos);
  BankStatement other = statement;
  other.account = "99";
  EXPECT_NE(admit(other, nullptr, nullptr).find("is not the number of account main"), std::string::npos);
  other = statement;
  other.lines.push_back(other.lines[0]);
  EXPECT_TRUE(cash::check_statement(other).has_error());
}

}  // namespace
}  // namespace navkeeper::nav
