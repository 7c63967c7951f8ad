"""Chapter 6: typical wrong solutions."""

CLEAR_NO = '    if 400 <= status < 500 and status not in (401, 429) and "errors" in answer:\n'
SILENT = '    except NoAnswer:\n        state = order["state"]\n'
REFUSED = (
    "            write(\"UPDATE orders SET state = 'failed' WHERE reference = ?\", reference)\n"
)
WORDS = 'states.get(text(verified, "status"), order["state"])'
ONLY_UNKNOWN = WORDS.replace("]", '] if verified["status"] == "Unknown" else "failed"')
ANY_NO = CLEAR_NO.replace(' and "errors" in answer', "")
LINK = """<a href="{{ url_for('callback', number=order.number) }}">ask the gateway</a>"""
SENTENCE = f"""<p>The gateway has not confirmed a payment yet. If you have paid, do not pay again:
{LINK}.</p>
"""
DOUBT = "<p>It is not clear yet whether this is paid. Do not pay again.</p>\n"
TIMEOUTS = "TIMEOUTS = (3, 10)"
NO_TOKEN = '        raise NoAnswer("no token") from error\n'

WRONG = [
    (
        "every status of 400 and more is a no",
        [(CLEAR_NO, "    if status >= 400:\n"), ('Refused(answer["errors"])', "Refused(status)")],
    ),
    ("a dead token and too many calls are a no", [("status not in (401, 429)", "status > 0")]),
    ("silence is a failed payment", [(SILENT, SILENT.replace('order["state"]', '"failed"'))]),
    (
        "silence after a successful callback is a payment",
        [(SILENT, SILENT.replace('order["state"]', '"paid"'))],
    ),
    (
        "whatever is not Successful has failed",
        [(WORDS, WORDS.replace('order["state"]', '"failed"'))],
    ),
    (
        "a word that is not in the document is a no",
        [(WORDS, ONLY_UNKNOWN)],
    ),
    ("silence is a doubt", [(SILENT, SILENT.replace('order["state"]', '"in_doubt"'))]),
    ("a refused order stays open", [(REFUSED, "            pass\n")]),
    ("the calls wait for ever", [("timeout=TIMEOUTS", "timeout=None")]),
    ("the calls wait for a minute", [(TIMEOUTS, "TIMEOUTS = (3, 60)")]),
    ("the calls wait for an answer no longer than for a connection", [(TIMEOUTS, "TIMEOUTS = 3")]),
    ("the two timeouts are the wrong way round", [(TIMEOUTS, "TIMEOUTS = (10, 3)")]),
    (
        "a 4xx of anybody is a no",
        [(CLEAR_NO, ANY_NO), ('Refused(answer["errors"])', 'Refused(answer.get("errors"))')],
    ),
    ("a 4xx without the gateway's errors breaks the shop", [(CLEAR_NO, ANY_NO)]),
    (
        "an answer to create needs no words",
        [
            ('text(created, "orderIdentifier")', 'created.get("orderIdentifier")'),
            ('text(created, "pspSwitchingUrl")', 'created.get("pspSwitchingUrl")'),
        ],
    ),
    ("a redirect is followed", [("allow_redirects=False", "allow_redirects=True")]),
    ("a redirect is an answer", [("if status == 200:", "if status < 400:")]),
    ("who waits is told nothing", [(SENTENCE, f"<p>{LINK}</p>\n")]),
    ("who is in doubt is told nothing", [(DOUBT, "")]),
    ("who waits cannot ask the gateway", [(LINK, "ask the gateway")]),
    ("refused keys are a refused order", [(NO_TOKEN, "        raise error\n")]),
]
