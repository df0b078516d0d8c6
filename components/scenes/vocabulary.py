"""The closed vocabulary of the demo's world: what can stand in a picture, and under which name."""

from __future__ import annotations

import hashlib

COLOURS: dict[str, tuple[int, int, int]] = {
    "빨간": (214, 39, 40),
    "파란": (31, 90, 200),
    "초록": (34, 150, 60),
    "노란": (240, 200, 30),
    "검은": (30, 30, 30),
    "보라": (140, 60, 180),
}
SHAPES: tuple[str, ...] = ("원", "네모", "세모", "별", "하트")
PLACES: dict[tuple[int, int], str] = {
    (0, 0): "왼쪽 위",
    (0, 1): "위",
    (0, 2): "오른쪽 위",
    (1, 0): "왼쪽",
    (1, 1): "가운데",
    (1, 2): "오른쪽",
    (2, 0): "왼쪽 아래",
    (2, 1): "아래",
    (2, 2): "오른쪽 아래",
}
TOPICS: dict[str, tuple[str, ...]] = {
    "과일": ("사과", "포도", "참외", "수박", "딸기"),
    "도시": ("서울", "부산", "대구", "광주", "대전"),
    "동물": ("토끼", "고래", "기린", "하마", "여우"),
    "계절": ("봄", "여름", "가을", "겨울"),
    "과목": ("국어", "수학", "영어", "음악", "체육"),
}
CHART_LABELS: tuple[str, ...] = tuple(label for labels in TOPICS.values() for label in labels)
BAR = "막대"
EMPTY = "·"

_SIGN_WORDS = """
출구 입구 주차장 화장실 약국 병원 은행 학교 식당 서점 시장 공원 도서관 우체국 경찰서 소방서 비상구 금연 정지 주의
위험 공사중 안내소 매표소 승강장 버스 택시 기차 지하철 공항 항구 호텔 여관 민박 빵집 꽃집 문구점 미용실 세탁소
편의점 정육점 분식 김밥 라면 국수 냉면 비빔밥 떡볶이 순대 만두 치킨 피자 커피 녹차 우유 주스 설탕 소금 간장 된장
한국 시청 구청 동사무소 보건소 어린이집 유치원 놀이터 운동장 수영장 영화관 미술관 박물관 동물원 식물원
전시장 공연장 교회 성당 사찰 한옥 궁궐 남대문 광장 다리 터널 도로 인도 차도 횡단보도 신호등 육교 정류장 주유소 세차장
정비소 철물점 가구점 안경점 사진관 노래방 목욕탕 찜질방 이발소 양복점 한복집 신발 가방 모자 시계 반지 연필 공책
지우개 책상 의자 칠판 전화 컴퓨터 냉장고 세탁기 선풍기 우산 장갑 양말 바지 치마 외투 수건 비누 칫솔 거울 접시 숟가락
젓가락 냄비 주전자 고구마 감자 당근 양파 마늘 고추 배추 오이 호박 버섯 콩나물 두부 계란 고등어 갈치 오징어 새우 김치
불고기 갈비 삼계탕 된장국 미역국 떡국 잡채 전골 튀김 만두국 국밥 칼국수 수제비 식혜 수정과 약과 한과 인절미 송편
구두 수선 열쇠 도장 인쇄소 우체통 공중전화 소화기 대피소 관리실 경비실 강의실 연구실 회의실 사무실 휴게실 탈의실
계산대 고객센터 분실물 임산부 노약자 장애인 미시오 당기시오 조용히 촬영금지 출입금지 주차금지 흡연구역 일방통행 우회전
좌회전 직진 서행 천천히 멈춤
"""
SIGN_WORDS: tuple[str, ...] = tuple(sorted(set(_SIGN_WORDS.split())))
MAX_SYLLABLES = 4


def _held_out_words(words: tuple[str, ...], one_in: int) -> tuple[str, ...]:
    """Words that no training may show: every syllable of each still stands in at least two other words."""
    counts: dict[str, int] = {}
    for word in words:
        for syllable in set(word):
            counts[syllable] = counts.get(syllable, 0) + 1
    chosen: list[str] = []
    for word in sorted(words, key=lambda w: hashlib.sha256(w.encode()).hexdigest()):
        if len(chosen) * one_in >= len(words):
            break
        if all(counts[s] >= 3 for s in set(word)):
            chosen.append(word)
            for syllable in set(word):
                counts[syllable] -= 1
    return tuple(sorted(chosen))


UNSEEN_WORDS: tuple[str, ...] = _held_out_words(SIGN_WORDS, one_in=8)
SEEN_WORDS: tuple[str, ...] = tuple(w for w in SIGN_WORDS if w not in UNSEEN_WORDS)
_WORD_KINDS = """
음식: 김밥 라면 국수 냉면 비빔밥 떡볶이 만두 불고기 갈비 삼계탕 된장국 떡국 잡채 국밥 송편 인절미
채소: 당근 양파 마늘 고추 배추 감자 고구마 버섯 콩나물
탈것: 버스 택시 기차 지하철
옷: 바지 치마 외투 양말 장갑 신발 모자
부엌살림: 접시 숟가락 젓가락 냄비
음료: 커피 녹차 주스 식혜
"""
WORD_KINDS: dict[str, tuple[str, ...]] = {
    kind: tuple(words.split()) for kind, words in (line.split(": ") for line in _WORD_KINDS.strip().splitlines())
}
"""What some of the words name; a sign with one of them can be asked about."""
KIND_OF_WORD: dict[str, str] = {word: kind for kind, words in WORD_KINDS.items() for word in words}
SYLLABLES: tuple[str, ...] = tuple(sorted({s for word in SIGN_WORDS for s in word}))
DIGITS: tuple[str, ...] = tuple("0123456789")
SHAPE_NAMES: tuple[str, ...] = tuple(f"{colour} {shape}" for colour in COLOURS for shape in SHAPES)

CELLS: tuple[str, ...] = (EMPTY, BAR, *DIGITS, *SHAPE_NAMES, *CHART_LABELS, *SYLLABLES)
"""Every name that a cell of a described scene, or a patch of a picture, can have (no duplicates)."""
CELL_INDEX: dict[str, int] = {name: index for index, name in enumerate(dict.fromkeys(CELLS))}
