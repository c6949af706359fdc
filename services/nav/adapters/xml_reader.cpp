#include "services/nav/adapters/xml_reader.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <map>
#include <optional>

#include "common/base/refuse.h"

namespace navkeeper::nav {
namespace {

constexpr std::size_t kNameLengthMax = 100;
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr const char* kXmlNamespace = "http://www.w3.org/XML/1998/namespace";

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
bool is_name_start(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}
bool is_name_part(char c) { return is_name_start(c) || (c >= '0' && c <= '9') || c == '-' || c == '.'; }

/// Whether the code point may stand in a document (XML 1.0 section 2.2).
bool is_character(std::uint32_t c) {
  return c == 0x9 || c == 0xA || c == 0xD || (c >= 0x20 && c <= 0xD7FF) || (c >= 0xE000 && c <= 0xFFFD) ||
         (c >= 0x10000 && c <= 0x10FFFF);
}

void append_utf8(std::string& out, std::uint32_t c) {
  const auto put = [&](std::uint32_t byte) { out.push_back(static_cast<char>(byte)); };
  if (c < 0x80) {
    put(c);
  } else if (c < 0x800) {
    put(0xC0 | (c >> 6));
    put(0x80 | (c & 0x3F));
  } else if (c < 0x10000) {
    put(0xE0 | (c >> 12));
    put(0x80 | ((c >> 6) & 0x3F));
    put(0x80 | (c & 0x3F));
  } else {
    put(0xF0 | (c >> 18));
    put(0x80 | ((c >> 12) & 0x3F));
    put(0x80 | ((c >> 6) & 0x3F));
    put(0x80 | (c & 0x3F));
  }
}

/// Where the first byte stands that is no UTF-8 or no character of XML; npos: nowhere.
std::size_t bad_utf8(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const auto first = static_cast<unsigned char>(text[i]);
    const std::size_t length = first < 0x80         ? 1
                               : (first >> 5) == 6  ? 2
                               : (first >> 4) == 14 ? 3
                               : (first >> 3) == 30 ? 4
                                                    : 0;
    if (length == 0 || i + length > text.size()) return i;
    std::uint32_t c = length == 1 ? first : first & (0x7FU >> length);
    for (std::size_t k = 1; k < length; ++k) {
      const auto next = static_cast<unsigned char>(text[i + k]);
      if ((next >> 6) != 2) return i;
      c = (c << 6) | (next & 0x3F);
    }
    const std::uint32_t least = length == 2 ? 0x80 : length == 3 ? 0x800 : length == 4 ? 0x10000 : 0;
    if (c < least || !is_character(c)) return i;
    i += length;
  }
  return std::string_view::npos;
}

using Prefixes = std::map<std::string, std::string>;

class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  XmlElement document() {
    if (text_.size() > kXmlBytesMax) fail("the document is larger than 32 MiB");
    if (const std::size_t bad = bad_utf8(text_); bad != std::string_view::npos) {
      at_ = bad;
      fail("is not UTF-8, or a character that XML does not allow");
    }
    if (starts_with(kByteOrderMark)) at_ += kByteOrderMark.size();
    if (starts_with("<?xml") && at_ + 5 < text_.size() && is_space(text_[at_ + 5])) declaration();
    skip_outside();
    if (!starts_with("<")) fail("an element is due");
    XmlElement root = element({{"xml", kXmlNamespace}}, 1);
    skip_outside();
    if (at_ != text_.size()) fail("something follows the document's element");
    return root;
  }

 private:
  [[noreturn]] void fail(const std::string& rule) const {
    base::refuse("line " + std::to_string(line()), rule);
  }

  int line() const {
    return 1 + static_cast<int>(std::count(
                   text_.begin(), text_.begin() + static_cast<std::ptrdiff_t>(std::min(at_, text_.size())),
                   '\n'));
  }
  /// Cheaper for elements, which are read in order.
  int line_here() {
    line_ += static_cast<int>(std::count(text_.begin() + static_cast<std::ptrdiff_t>(counted_),
                                         text_.begin() + static_cast<std::ptrdiff_t>(at_), '\n'));
    counted_ = at_;
    return line_;
  }

  bool starts_with(std::string_view what) const {
    return text_.substr(std::min(at_, text_.size())).starts_with(what);
  }
  bool take(std::string_view what) {
    if (!starts_with(what)) return false;
    at_ += what.size();
    return true;
  }
  void expect(std::string_view what) {
    if (!take(what)) fail("'" + std::string(what) + "' is due");
  }
  void skip_spaces() {
    while (at_ < text_.size() && is_space(text_[at_])) ++at_;
  }

  std::string_view until(std::string_view end, const char* what) {
    const std::size_t found = text_.find(end, at_);
    if (found == std::string_view::npos) fail(std::string(what) + " does not end");
    const std::string_view inside = text_.substr(at_, found - at_);
    at_ = found + end.size();
    return inside;
  }

  void declaration() {
    at_ += 5;
    const std::string_view inside = until("?>", "the declaration");
    std::string lower(inside);
    std::transform(lower.begin(), lower.end(), lower.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    if (lower.find("encoding") != std::string::npos && lower.find("utf-8") == std::string::npos)
      fail("the declaration's encoding is not UTF-8");
    if (lower.find("1.0") == std::string::npos) fail("the declaration's version is not 1.0");
  }

  void comment() {
    const std::string_view inside = until("-->", "a comment");
    if (inside.find("--") != std::string_view::npos) fail("a comment has -- in it");
  }

  void skip_outside() {
    for (;;) {
      skip_spaces();
      if (take("<!--")) {
        comment();
      } else if (starts_with("<!")) {
        fail("a document type is not allowed");
      } else if (starts_with("<?")) {
        fail("a processing instruction is not allowed");
      } else {
        return;
      }
    }
  }

  std::string simple_name() {
    const std::size_t start = at_;
    if (at_ >= text_.size() || !is_name_start(text_[at_])) fail("a name is due");
    while (at_ < text_.size() && is_name_part(text_[at_])) ++at_;
    if (at_ - start > kNameLengthMax) fail("a name is too long");
    return std::string(text_.substr(start, at_ - start));
  }

  /// Prefix (may be empty) and name.
  std::pair<std::string, std::string> name() {
    std::string first = simple_name();
    if (!take(":")) return {"", std::move(first)};
    return {std::move(first), simple_name()};
  }

  void reference(std::string& out) {
    const std::size_t end = text_.find(';', at_);
    if (end == std::string_view::npos || end - at_ > 12) fail("an & without its ;");
    const std::string_view entity = text_.substr(at_, end - at_);
    static constexpr std::pair<std::string_view, char> kNamed[] = {
        {"lt", '<'}, {"gt", '>'}, {"amp", '&'}, {"apos", '\''}, {"quot", '"'}};
    const auto named = std::find_if(std::begin(kNamed), std::end(kNamed),
                                    [&](const auto& one) { return one.first == entity; });
    if (named != std::end(kNamed)) {
      out.push_back(named->second);
    } else {
      const bool is_hex = entity.starts_with("#x");
      const std::string_view digits = entity.starts_with("#") ? entity.substr(is_hex ? 2 : 1) : "";
      std::uint32_t c = 0;
      const auto [stop, error] =
          std::from_chars(digits.data(), digits.data() + digits.size(), c, is_hex ? 16 : 10);
      if (digits.empty() || error != std::errc() || stop != digits.data() + digits.size() || !is_character(c))
        fail("the entity &" + std::string(entity) + "; is not allowed");
      append_utf8(out, c);
    }
    at_ = end + 1;
  }

  std::string quoted() {
    if (at_ >= text_.size() || (text_[at_] != '"' && text_[at_] != '\'')) fail("a quote is due");
    const char quote = text_[at_++];
    std::string value;
    for (;;) {
      if (at_ >= text_.size()) fail("an attribute does not end");
      const char c = text_[at_++];
      if (c == quote) return value;
      if (c == '<') fail("an attribute has < in it");
      if (c == '&')
        reference(value);
      else
        value.push_back(is_space(c) ? ' ' : c);
    }
  }

  XmlElement element(Prefixes prefixes, int depth) {
    if (depth > kXmlDepthMax) fail("elements are nested too deeply");
    if (++elements_ > kXmlElementsMax) fail("there are too many elements");
    XmlElement element;
    element.line = line_here();
    expect("<");
    const auto opened = name();
    bool is_empty = false;
    for (;;) {
      const bool spaced = at_ < text_.size() && is_space(text_[at_]);
      skip_spaces();
      if (take(">")) break;
      if (take("/>")) {
        is_empty = true;
        break;
      }
      if (!spaced) fail("white space is due before an attribute");
      attribute(element, prefixes);
    }
    element.name = opened.second;
    element.name_space = resolve(prefixes, opened.first);
    if (!is_empty) content(element, prefixes, opened, depth);
    return element;
  }

  void attribute(XmlElement& element, Prefixes& prefixes) {
    const auto [prefix, local] = name();
    skip_spaces();
    expect("=");
    skip_spaces();
    std::string value = quoted();
    if (prefix == "xmlns" || (prefix.empty() && local == "xmlns")) {
      const std::string declared = prefix.empty() ? "" : local;
      if (declared == "xml" || declared == "xmlns") fail("the prefix " + declared + " cannot be declared");
      if (!declared.empty() && value.empty()) fail("a prefix stands for no namespace");
      prefixes[declared] = std::move(value);
      return;
    }
    const std::string written = prefix.empty() ? local : prefix + ":" + local;
    if (element.attribute(written) != nullptr) fail("the attribute " + written + " is there twice");
    element.attributes.emplace_back(written, std::move(value));
  }

  std::string resolve(const Prefixes& prefixes, const std::string& prefix) const {
    const auto found = prefixes.find(prefix);
    if (found != prefixes.end()) return found->second;
    if (!prefix.empty()) fail("the prefix " + prefix + " is not declared");
    return "";
  }

  void content(XmlElement& element, const Prefixes& prefixes,
               const std::pair<std::string, std::string>& opened, int depth) {
    std::string text;
    for (;;) {
      if (at_ >= text_.size()) fail("the element " + element.name + " does not end");
      if (take("<![CDATA[")) {
        text += until("]]>", "a CDATA section");
      } else if (take("<!--")) {
        comment();
      } else if (starts_with("<!")) {
        fail("a declaration is not allowed in an element");
      } else if (starts_with("<?")) {
        fail("a processing instruction is not allowed");
      } else if (take("</")) {
        if (name() != opened) fail("the element " + element.name + " ends under another name");
        skip_spaces();
        expect(">");
        break;
      } else if (text_[at_] == '<') {
        element.children.push_back(this->element(prefixes, depth + 1));
      } else if (text_[at_] == '&') {
        ++at_;
        reference(text);
      } else {
        if (starts_with("]]>")) fail("]]> stands outside a CDATA section");
        text.push_back(text_[at_++]);
      }
    }
    const auto begin = std::find_if_not(text.begin(), text.end(), is_space);
    const auto end = std::find_if_not(text.rbegin(), std::make_reverse_iterator(begin), is_space).base();
    element.text.assign(begin, end);
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t counted_ = 0;
  int line_ = 1;
  std::size_t elements_ = 0;
};

}  // namespace

const std::string* XmlElement::attribute(std::string_view wanted) const {
  for (const auto& [key, value] : attributes) {
    if (key == wanted) return &value;
  }
  return nullptr;
}

const XmlElement* XmlElement::child(std::string_view wanted) const {
  for (const XmlElement& one : children) {
    if (one.name == wanted) return &one;
  }
  return nullptr;
}

std::size_t XmlElement::count(std::string_view wanted) const {
  return static_cast<std::size_t>(std::count_if(children.begin(), children.end(),
                                                [&](const XmlElement& one) { return one.name == wanted; }));
}

base::Checked<XmlElement> read_xml(std::string_view text) {
  return base::checked([&] { return Reader(text).document(); });
}

}  // namespace navkeeper::nav
