#include "protocols/imap/sent_folder.hpp"

#include "protocols/imap/tokens.hpp"

#include <algorithm>
#include <array>

namespace mailfleet::imap {

namespace {

using namespace std::string_view_literals;

// Exchange and Outlook, Gmail, Thunderbird, Apple Mail; by language. A name that means other
// mail in another language is not in it.
constexpr std::array names{
    // English
    "Sent Items"sv,
    "Sent"sv,
    "Sent Mail"sv,
    "Sent Messages"sv,
    "Sent Objects"sv,
    // German
    "Gesendete Elemente"sv,
    "Gesendet"sv,
    "Gesendete Objekte"sv,
    "Gesendete Nachrichten"sv,
    // Italian
    "Posta inviata"sv,
    "Inviata"sv,
    "Inviati"sv,
    "Messaggi inviati"sv,
    // French
    "Éléments envoyés"sv,
    "Envoyés"sv,
    "Messages envoyés"sv,
    "Courrier envoyé"sv,
    // Spanish, Catalan, Portuguese
    "Elementos enviados"sv,
    "Enviados"sv,
    "Mensajes enviados"sv,
    "Correo enviado"sv,
    "Elements enviats"sv,
    "Enviats"sv,
    "Itens Enviados"sv,
    "Mensagens enviadas"sv,
    "E-mails enviados"sv,
    "Correio enviado"sv,
    // Dutch
    "Verzonden items"sv,
    "Verzonden"sv,
    "Verzonden berichten"sv,
    // Swedish, Danish, Norwegian, Finnish
    "Skickat"sv,
    "Skickade objekt"sv,
    "Skickade"sv,
    "Sendt post"sv,
    "Sendte elementer"sv,
    "Sendt"sv,
    "Sendte element"sv,
    "Lähetetyt"sv,
    "Lähetetyt kohteet"sv,
    "Lähetetyt viestit"sv,
    // Polish, Czech, Slovak, Hungarian, Romanian
    "Wysłane"sv,
    "Elementy wysłane"sv,
    "Odeslaná pošta"sv,
    "Odeslané"sv,
    "Odoslaná pošta"sv,
    "Odoslané"sv,
    "Elküldött elemek"sv,
    "Elküldött"sv,
    "Elküldött üzenetek"sv,
    "Elemente trimise"sv,
    "Trimise"sv,
    // Slovene, Croatian, Bulgarian, Serbian, Russian, Ukrainian
    "Poslano"sv,
    "Poslani predmeti"sv,
    "Poslane stavke"sv,
    "Изпратени"sv,
    "Изпратени елементи"sv,
    "Послато"sv,
    "Отправленные"sv,
    "Отправленные элементы"sv,
    "Надіслані"sv,
    "Надіслані елементи"sv,
    // Baltic languages
    "Saadetud"sv,
    "Saadetud üksused"sv,
    "Nosūtītie vienumi"sv,
    "Nosūtītās"sv,
    "Išsiųsti laiškai"sv,
    "Išsiųsta"sv,
    // Greek, Turkish
    "Απεσταλμένα"sv,
    "Απεσταλμένα στοιχεία"sv,
    "Gönderilmiş Öğeler"sv,
    "Gönderilenler"sv,
    "Gönderilmiş Postalar"sv,
    // Hebrew, Arabic
    "פריטים שנשלחו"sv,
    "נשלחו"sv,
    "דואר שנשלח"sv,
    "العناصر المرسلة"sv,
    "المرسلة"sv,
    "البريد المرسل"sv,
    // Japanese, Korean, Chinese, Thai, Vietnamese
    "送信済みアイテム"sv,
    "送信済み"sv,
    "送信済みメール"sv,
    "보낸 편지함"sv,
    "보낸편지함"sv,
    "보낸 메일함"sv,
    "已发送邮件"sv,
    "已发送"sv,
    "寄件備份"sv,
    "已傳送"sv,
    "รายการที่ส่ง"sv,
    "Mục đã Gửi"sv,
    "Thư đã gửi"sv,
};

bool has(const listed_folder& folder, std::string_view attribute) {
  return std::ranges::any_of(folder.attributes,
                             [&](const auto& one) { return same_word(one, attribute); });
}

bool can_be_opened(const listed_folder& folder) {
  return !has(folder, "\\Noselect") && !has(folder, "\\NonExistent");
}

std::string_view last_level(const listed_folder& folder) {
  std::string_view name = folder.name;
  return folder.delimiter ? name.substr(name.rfind(*folder.delimiter) + 1) : name;
}

std::size_t levels(const listed_folder& folder) {
  return folder.delimiter
             ? static_cast<std::size_t>(std::ranges::count(folder.name, *folder.delimiter))
             : 0;
}

} // namespace

std::span<const std::string_view> sent_folder_names() {
  return names;
}

std::optional<sent_folder> choose_sent_folder(std::span<const listed_folder> folders,
                                              std::string_view configured) {
  using source = sent_folder::source;
  for (const auto& one : folders)
    if (has(one, "\\Sent") && can_be_opened(one))
      return sent_folder{one.name, source::special_use, one.wire_name};
  if (!configured.empty()) {
    auto listed = std::ranges::find(folders, configured, &listed_folder::name);
    return sent_folder{std::string{configured}, source::configured,
                       listed == folders.end() ? std::string{} : listed->wire_name};
  }
  const listed_folder* best = nullptr;
  for (auto name : names)
    for (const auto& one : folders)
      if (can_be_opened(one) && same_word(last_level(one), name)
          && (!best || levels(one) < levels(*best)))
        best = &one;
  if (!best)
    return std::nullopt;
  return sent_folder{best->name, source::known_name, best->wire_name};
}

} // namespace mailfleet::imap
