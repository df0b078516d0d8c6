"""How answers in Korean and English word a choice: the patterns that the reading of letters is made of.

All are for text from ``cleaning.final_part``, whose runs of white space are short; other runs are bounded here, since
an answer may be thousands of the same sign. Those that end in AFTER are matched right after a letter, those in BEFORE
right before it.
"""

from __future__ import annotations

import re

_QUOTES = "'\"“”‘’「」『』"
_OPENING, _CLOSING = _QUOTES + r"\[({<【", _QUOTES + r"\])}>】"
_NOUN = r"(?:선택지|옵션|보기|번호|(?i:\boption|\bchoice))"
_TAIL = rf"[{_CLOSING}]{{0,4}}\s*(?:\([^()\n]{{1,40}}\))?\s*번?\s*{_NOUN}?"
"""What may stand between a letter and the word that counts: signs, the option's text in brackets, 번, 선택지."""
_ANSWER = r"(?:정답|(?<!오)답(?:변|안)?)"

# Hangul counts as a word character, so \b would miss "A입니다"; only Latin letters, digits and the signs of grades,
# degrees, abbreviations and compounds (B+, °C, U.S.A, D-day, A/S) make a letter part of something else. I is none of
# the letters, and so is not mistaken for an option.
LETTER = re.compile(
    r"(?<![A-Za-zÀ-ɏ0-9°])(?<![A-Za-z0-9][-/&])(?<![A-Za-z]\.)[A-H](?![A-Za-zÀ-ɏ0-9+#])(?![-/&][A-Za-z0-9])(?!\.[A-Z]\b)"
)
LETTER_ALONE = re.compile(r"[\W_]*([A-Za-z])(?![+#])[\W_]*")
SENTENCE_END = re.compile(r"[!?。\n]|(?<![A-H0-9])\.")

MARKER = re.compile(
    rf"{_ANSWER}|答案|正解|答え|选择?"
    r"|(?i:\banswer\b|\b(?:correct|right|best)\s+(?:option|choice)\b)|['\"](?:choice|option)['\"]"
)
"""What announces the answer."""
LINK = re.compile(
    rf"(?:은요|[은는이가])?[\s:=→|,{_QUOTES}\[\](){{}}<>【】-]*(?:(?i:is|would be)\b|是|は)?\s*(?:바로|아마도?)?\s*"
    rf"(?:다음과 같습니다[\s:.]*)?{_NOUN}?[\s:{_OPENING}]*"
)
"""Between a marker and the letter that it announces."""
LOOSE_LINK = re.compile(r"[은는이]\s|\s*:|\s+is\b")
"""After a marker whose letter may stand further on in the sentence, as in ``정답은 사과가 그려진 B``."""
CONCLUSION = re.compile(r"따라서|그러므로|그래서|결론|결국|최종|(?<![가-힣])즉\b|(?i:\b(?:therefore|thus|hence|so)\b)")
CORRECTION = re.compile(r"다시 (?:보니|생각|확인)|(?:정정|수정)[하합]|(?<=[,.…] )아니[,.]?\s")

_IS = (
    r"(?:입니다|이다|이며|이고|이므로|이에요|예요|임|일\s|인 [것듯]|로 보|으로"
    r"|이라고 (?:생각|판단|봅|할)|이 (?:됩|된|맞|아닐까))"
)
IS_ANSWER_AFTER = re.compile(
    rf"{_TAIL}[^\n!?A-H]{{0,40}}?(?<![가-힣])(?:정답|답)(?:{_IS}|\s*[).!]|\s*$)"
    r"|\W{0,3}\s*is\s+(?:the\s+)?(?:correct|right|best|answer)\b",
    re.MULTILINE,
)
_FITS = (
    r"(?:맞(?:습니다|다(?!고)|아요|음|을 것|는 (?:것|답))|옳(?:습니다|다|은)|사실입니다|남(?:습니다|는다)"
    r"|적(?:절|합)[하한합]|(?:타당|정확|일치)[하한합]|(?:유사|비슷)[하한합해]|해당[하되합됩]"
    r"|알맞|올바[르른릅]|어울[리립]|가깝습니다|가장 가[깝까])"
)
FITS_AFTER = re.compile(
    rf"{_TAIL}(?:[.:)]\s*[^\n.!?A-H]{{1,30}})?\s*(?:만이|[이가에만])?\s*(?:\S{{1,8}}[과와에]\s)?(?:가장|더|제일)?\s*{_FITS}"
    rf"|{_TAIL}\s*(?:[을를]|으?로)\s*(?:선택|고르|고릅|고를|골라|택|정하|하겠|할게|추천)"
)
CHOSEN_BEFORE = re.compile(rf"(?i:\b(?:choose|pick|select|go with)\s+(?:option\s+)?)[{_OPENING}]{{0,4}}$")
OPTION_BEFORE = re.compile(rf"{_NOUN}\s*[{_OPENING}]{{0,4}}$")
STATED_AFTER = re.compile(
    rf"{_TAIL}\s*(?:입니다|이다|임(?![가-힣])|이에요|예요|이?[죠요]\W*$|이?지요|이?네요|이?겠|인데|뿐입니다"
    r"|이?라고 (?:생각|판단|봅|답|할)|으?로 (?:보입|추정|판단|생각)|일 (?:것|가능성)|인 [것듯]|\s?같[습아])"
)
OPTION_FORM_AFTER = re.compile(r"[.:)](?=\s|[가-힣]|$)")
BRACKETED_AFTER = re.compile(rf"[{_CLOSING}]")
ENDS_AFTER = re.compile(rf"{_TAIL}\s*[.!?]*\s*(?:\n|$)")
OPENING_AFTER = re.compile(rf"{_TAIL}(?:\s*[.:),;!\]】>](?!\w)|\s*[.:)](?=[가-힣])|\s+-\s|\s*\n|\s*$)")
SUBJECT_AFTER = re.compile(rf"{_TAIL}\s*[이가]\s")
TOPIC_AFTER = re.compile(rf"{_TAIL}\s*[은는]\s")
SHORT_OPTION = re.compile(r"\W*[A-H]번?\s+\S[^\n.!?]{0,40}(?<!니다)(?<!요)[.\s]*")
"""``C 감``: a letter and a noun, no sentence."""

_UNFIT = (
    r"틀[리렸린]|오답|부적[절합]|잘못|제외|거리가 멀|보다|(?:사실|그림|이미지|사진)[과와] 다[르릅]"
    r"|(?:\S{1,8}[과와에] )?(?:맞|옳|적절하|적합하|올바르|알맞|정확하|일치하|해당하|해당되)지\s*(?:는\s*)?(?:않|못)"
)
_NO_ANSWER = (
    r"(?:정답이|답이|정답은)?\s*아(?:니(?!면)|닌|닙)"
    r"|(?:정답|답)(?:이라고|으로|일|이)?\s*(?:될|볼|보기|하기|할)?\s*(?:는|수|수는)?\s*(?:없|어렵|힘들)"
)
DENIED_AFTER = re.compile(
    rf"{_TAIL}\s*[이가은는도을를]?\s*(?:모두|다|둘 다|전부)?\s*(?:{_UNFIT}|{_NO_ANSWER})"
    r"|[.:)]\s*[^\n.!?A-H]{1,30}[은는이가]\s*(?:틀[리렸린]|오답|정답이 아)"
)
DENIED_BEFORE = re.compile(rf"(?i:\bnot\s+(?:option\s+)?)[{_OPENING}]{{0,4}}$")
DOUBTED_AFTER = re.compile(
    rf"{_TAIL}\s*(?:이?인지|일\s*수도|일지도|일\s*가능성도|일까|인가|처럼 보|인 것처럼|일 것 같았"
    r"|이?라고\s*(?:생각하기 쉽|생각했|생각할 수|볼 수도|할 수도|오해)|\s같지만)"
)
CANDIDATE_AFTER = re.compile(rf"[{_CLOSING}]{{0,4}}\s*번?\s*(?:까지\s*)?(?:중|가운데)(?:에서)?[은는]?[\s,]")
"""``A, B, C 중``: what is chosen from."""
_AND = r"(?:[,·&~:|]|와|과|또는|혹은|아니면|이?거나|이?나|및|부터|\bor\b|\band\b)\s*(?:또는|혹은|그리고|or|and)?"
JOINED = re.compile(
    rf"[{_CLOSING}]{{0,4}}\s*(?:\([^()\n]{{1,40}}\))?(?:번\s*)?{_AND}\s*[{_OPENING}]{{0,4}}"
    rf"|[ \t]+|[{_CLOSING}]{{1,4}}\s*[{_OPENING}]{{1,4}}"
)
"""Between two letters that are chosen or denied together."""

_NAMED = (
    r"비타민|그림|사진|도형|막대|그래프|지점|영역|구역|구간|팀|건물|도시|제품|회사|혈액형|등급|학점"
    r"|(?<![가-힣])[점선각변]|(?i:\b(?:vitamin|hepatitis|type|grade|plan|point|bar|figure))"
)
NAME_BEFORE = re.compile(rf"(?:{_NAMED})\s?['\"(]?$|[0-9] $")
NAME_AFTER = re.compile(
    r"(?:형|급|씨|군|양|자|팀|조|동|반|축|열|행|점|램|컵|사|등급|학점|언어|코드|구역|지점|구간|영역|메일|타입|장조|단조)"
    r"(?=[은는이가을를의로와과도만에입]|[^가-힣]|$|간염|혈액형)"
    r"|\s(?:지점|구역|구간|영역|등급|학점|언어|코드|막대|그래프|장조|단조|학생|씨)"
    rf"|[{_CLOSING}]{{0,4}}\s?(?:이?라는 (?:글|문[자구]|단어|이름|표[시지]|로고|알파벳)|이?라고 (?:적|쓰|써|표기|표시))"
)
"""Nouns that make a letter a name: vitamins, blood groups, grades, points and bars of a figure, people, companies."""
ARTICLE_AFTER = re.compile(
    r" (?!(?:is|was|because|since|as|and|or|but|which|option|for|from|with|in|would|seems|matches|shows)\b)[a-z]"
)

LOWER_CASE = re.compile(
    rf"(?P<before>(?:{MARKER.pattern})(?>{LINK.pattern})|{_NOUN}\s*|\A\W*(?=[a-h](?:[.:)](?:\s|$)|번|입니다))|\((?=[a-h]\)))"
    r"(?P<letter>[b-h](?![A-Za-z0-9])|a(?![A-Za-z0-9])(?! [a-z]))"
)
"""Where a small letter is an option's: after a marker or 옵션, at the beginning, in brackets."""

ANSWER_PREFIX = re.compile(rf"\A(?:the\s+)?(?:{_ANSWER}|answer)\s*(?:은|는|is\b)?\s*:?\s*")
ANSWER_ENDING = re.compile(r"(?:[이가]\s*(?:정답|답))?\s*(?:입니다|이다|이에요|예요|임)?\Z")
"""What may stand around an option's text that is an answer."""
LETTERED = re.compile(r"[\W_]*(?P<letter>[a-h])\W*[.:)]\s*(?P<text>.+)", re.DOTALL)
"""An option with its letter, in lower case."""
