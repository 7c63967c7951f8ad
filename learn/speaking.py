"""What the course says in a terminal and on its own pages, in English and in Persian."""

from __future__ import annotations

import re

from jibit_sandbox.i18n.translations import translate

SAID = {
    "en": {
        "started": "Chapter {number} begins. Your shop is {shop}; open shop.py in your editor.",
        "aside": "What stood there is kept in {aside}.",
        "right": "Chapter {number}: right. Next: python -m learn start {next}",
        "last": "Chapter {number}: right. That was the last one.",
        "state": "Chapter {number}: the {state} passes.",
        "wrong": "Chapter {number}, not yet: {why}",
        "nothing": "Nothing is begun. python -m learn start 1",
        "not begun": "Your shop is not at chapter {number} yet: python -m learn start {next}",
        "no access": "The course cannot work in {folder}: {why}",
        "runs already": "The course runs already: its shop is at {shop}, its gateway at {sandbox}."
        " End it there with Ctrl-C.",
        "same ports": "The course, the shop and the sandbox need a port each. See --help.",
        "no program": "There is no {program}. Put it back, or begin the chapter again:"
        " python -m learn start {next}",
        "status": "Chapter {number} is begun. Done: {done}.",
        "none": "none",
        "no chapter": "There is no chapter {number} with a shop: they are 1 to {numbers}.",
        "solution": "A solution of chapter {number}: {solution}",
        "later": "Both clocks are {minutes} later, the shop's and the gateway's.",
        "minutes": "{count} minutes",
        "minute": "1 minute",
        "seconds": "{count} seconds",
        "behaves": "{name}, at the {calls}: {description}.",
        "next call": "next call",
        "next calls": "next {times} calls",
        "every call": "calls from now on",
        "of operation": "{calls} of {operation}",
        "behaves again": "The gateway behaves again.",
        "switched": "The sandbox has {switches} now.",
        "refused": "The sandbox refuses: {why}.",
        "silent": "No sandbox answers at {url}. Start it: python -m learn serve",
        "not served": "The course does not run yet: python -m learn serve. If you have just started"
        " it, wait until it names its address.",
        "armed": "The shop is killed when it is about to run line {number}: {text}",
        "disarmed": "No line kills the shop any more.",
        "no such line": "There is no line with this text in shop.py: {text}",
        "many lines": "More than one line has this text: {numbers}. Name more of the line.",
        "never run": "Line {number} is never run. Name the line in which a statement begins.",
        "killed": "The shop was killed.",
        "not running": "The shop does not run.",
        "serving": "The course is at {url}. Ctrl-C ends it.",
        "other ports": "The ports are not the usual ones. In every other terminal, type first:\n"
        "{lines}",
        "building": "Building the course.",
        "not built": "The course could not be built; the lines above say why.",
        "port": "Cannot listen on port {port}: is something else running there? See --help.",
        "shop starts": "The shop starts.",
        "shop runs": "The shop runs at {url}.",
        "shop fails": "The shop does not start: {why}",
        "shop missing": "There is no shop yet: start a chapter.",
        "shop restarts": "The shop was killed. It starts again.",
        "evening": "It is 22:30. The evening is in {folder}: {files}.",
        "evening mended": "mend.sql, work and reconcile have run. reconcile says:",
        "evening open": "Its shop is at {shop}, its gateway at {sandbox}. Ctrl-C ends them.",
        "no evening": "The evening belongs to chapter 18: python -m learn start 18",
    },
    "fa": {
        "started": "فصل {number} شروع شد. فروشگاه شما {shop} است؛ shop.py را در ویرایشگر باز کنید.",
        "aside": "آنچه آنجا بود در {aside} نگه داشته شد.",
        "right": "فصل {number}: درست است. بعدی: python -m learn start {next}",
        "last": "فصل {number}: درست است. این آخرین فصل بود.",
        "state": "فصل {number}: «{state}» از آزمون می‌گذرد.",
        "wrong": "فصل {number}، هنوز نه: {why}",
        "nothing": "هنوز چیزی شروع نشده. python -m learn start 1",
        "not begun": "فروشگاهتان هنوز به فصل {number} نرسیده است: python -m learn start {next}",
        "no access": "دوره نمی‌تواند در {folder} کار کند: {why}",
        "runs already": "دوره از قبل در حال اجراست: فروشگاهش {shop} و درگاهش {sandbox} است."
        " همان‌جا با Ctrl-C تمامش کنید.",
        "same ports": "دوره و فروشگاه و سندباکس هر کدام یک پورت جدا می‌خواهند. --help را ببینید.",
        "no program": "فایل {program} نیست. آن را برگردانید یا فصل را از نو شروع کنید:"
        " python -m learn start {next}",
        "status": "فصل {number} شروع شده است. تمام‌شده: {done}.",
        "none": "هیچ",
        "no chapter": "فصل {number} فروشگاه ندارد: فصل‌های فروشگاه ۱ تا {numbers} هستند.",
        "solution": "یک پاسخ برای فصل {number}: {solution}",
        "later": "هر دو ساعت، هم فروشگاه و هم درگاه، {minutes} جلو رفتند.",
        "minutes": "{count} دقیقه",
        "minute": "۱ دقیقه",
        "seconds": "{count} ثانیه",
        "behaves": "رفتار {name} برای {calls}: {description}.",
        "next call": "درخواست بعدی",
        "next calls": "{times} درخواست بعدی",
        "every call": "همهٔ درخواست‌ها از این به بعد",
        "of operation": "{calls} {operation}",
        "behaves again": "درگاه دوباره درست رفتار می‌کند.",
        "switched": "حالا در سندباکس {switches} است.",
        "refused": "سندباکس قبول نمی‌کند: {why}.",
        "silent": "سندباکسی در {url} جواب نمی‌دهد. اجرایش کنید: python -m learn serve",
        "not served": "دوره هنوز در حال اجرا نیست: python -m learn serve. اگر همین حالا اجرایش"
        " کرده‌اید، صبر کنید تا آدرسش را بگوید.",
        "armed": "فروشگاه درست پیش از اجرای خط {number} کشته می‌شود: {text}",
        "disarmed": "دیگر هیچ خطی فروشگاه را نمی‌کشد.",
        "no such line": "خطی با این متن در shop.py نیست: {text}",
        "many lines": "بیش از یک خط این متن را دارد: {numbers}. متن بیشتری از خط را بنویسید.",
        "never run": "خط {number} اجرا نمی‌شود. خطی را بنویسید که دستور از آن شروع می‌شود.",
        "killed": "فروشگاه کشته شد.",
        "not running": "فروشگاه اجرا نمی‌شود.",
        "serving": "دوره در {url} است. با Ctrl-C تمام می‌شود.",
        "other ports": "پورت‌ها عوض شده‌اند. در هر ترمینال دیگر اول این‌ها را وارد کنید:\n{lines}",
        "building": "صفحه‌های دوره ساخته می‌شوند.",
        "not built": "صفحه‌های دوره ساخته نشدند؛ دلیلش در خط‌های بالاست.",
        "port": "پورت {port} در دسترس نیست: برنامهٔ دیگری آنجا اجرا می‌شود؟ --help را ببینید.",
        "shop starts": "فروشگاه دارد بالا می‌آید.",
        "shop runs": "فروشگاه در {url} اجرا می‌شود.",
        "shop fails": "فروشگاه بالا نمی‌آید: {why}",
        "shop missing": "هنوز فروشگاهی نیست: یک فصل را شروع کنید.",
        "shop restarts": "فروشگاه کشته شد و دوباره بالا می‌آید.",
        "evening": "ساعت ۲۲:۳۰ است. فایل‌های این شب در {folder} است: {files}.",
        "evening mended": "mend.sql و work و reconcile اجرا شدند. reconcile می‌گوید:",
        "evening open": "فروشگاه آن شب {shop} و درگاهش {sandbox} است. با Ctrl-C تمام می‌شوند.",
        "no evening": "این شب مال فصل ۱۸ است: python -m learn start 18",
    },
}
MINUTE = 60
READ = {"number", "numbers", "count", "minutes", "times", "done"}  # `next` stands in a command
PERSIAN = str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")
SEPARATORS = {"en": ", ", "fa": "، "}
_LIST = re.compile(r"\[((?:'\w+'(?:, )?)*)\]")
# A number that is read: no part of a name, an address, a path or a version.
_NUMBER = re.compile(r"(?<![\w./:=-])[0-9]+(?:,[0-9]{3})*(?![\w/:=-]|\.[0-9])", re.ASCII)


def as_people_write(sentence: str, language: str) -> str:
    """Return a sentence with Python's lists as words, and in Persian with Persian numbers."""
    listed = _LIST.sub(lambda found: _words(found[1], language), sentence)
    if language != "fa":
        return listed
    return _NUMBER.sub(lambda found: found[0].replace(",", "٬").translate(PERSIAN), listed)


def _words(listed: str, language: str) -> str:
    words = re.findall(r"\w+", listed)
    return SEPARATORS[language].join(words) or SAID[language]["none"]


class Speaker:
    """Say sentences in one language."""

    def __init__(self, language: str) -> None:
        self.language = language

    def __call__(self, key: str, **values: object) -> None:
        """Print a sentence."""
        print(self.sentence(key, **values))

    def sentence(self, key: str, **values: object) -> str:
        """Return a sentence with these values in it."""
        shown = {name: self._shown(name, value) for name, value in values.items()}
        return SAID[self.language][key].format(**shown)

    def _shown(self, name: str, value: object) -> str:
        """Return a number that is read, not typed, in the digits of the language."""
        text = f"{value:g}" if isinstance(value, float) else str(value)
        return text.translate(PERSIAN) if self.language == "fa" and name in READ else text

    def duration(self, seconds: float) -> str:
        """Return a time in whole minutes if it has them, else in seconds."""
        minutes = seconds / MINUTE
        if minutes != int(minutes) or not minutes:
            return self.sentence("seconds", count=seconds)
        return self.sentence("minute" if minutes == 1 else "minutes", count=minutes)

    def behaviour(self, name: str, operation: str | None, times: int | None, what: str) -> str:
        """Return what the gateway does at its next calls; ``what`` is the sandbox's own words."""
        key = "every call" if times is None else "next call" if times == 1 else "next calls"
        calls = self.sentence(key, times=times)
        if operation:
            calls = self.sentence("of operation", calls=calls, operation=operation)
        description = translate(what, self.language)
        return self.sentence("behaves", name=name, calls=calls, description=description)
