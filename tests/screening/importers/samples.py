"""Small sources of every form, of invented persons: OFAC's CSV after its data specification, notices after theirs.

No real notice, and no real file of OFAC's addresses or comments was at hand: tests of those are of these only.
"""

import json

SDN = """\
101,"MÜSTER9, Ana María","individual","TEST] [DEMO","Dr.; Head of nothing",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,"DOB 12 Mar \
1960; alt. DOB circa 1961; alt. DOB 1955 to Mar 1957; POB Tulcan, Ecuador; nationality Ecuador; citizen Korea, North; \
Gender Female; Passport A0963 (Ecuador); alt. Passport B 12 34 issued 01 Jan 2001; Cedula No. 10.548.414 (Atlantis); \
Phone Number 123456789; a.k.a. 'LA MÜSTER9'; Linked To: MÜSTER9 GROUP."
102,"MÜSTER9 HOLDING, S.A.",-0- ,"TEST",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,"a.k.a. 'MH9'; Tax ID No. 7712345 (Russia)."
100,"MÜSTER9 STAR","vessel","TEST",-0- ,"XX9YZ","Tug",-0- ,"212","Cuba","Nobody Ltd.","Vessel Registration \
Identification IMO 9187629."
103,"XX-ABC","aircraft","TEST",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- 
104,"MÜSTER9 DER LANGE","individual",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,"DOB 2 Jan 1970; Passp"
\x1a"""  # noqa: W291
ALT = """\
101,1,"aka","MÜSTER9, Anita",-0- 
101,2,"fka","EJEMPLO, Ana",-0- 
102,3,"nka","MÜSTER9 INTERNATIONAL",-0- 
999,4,"aka","NIEMAND",-0- 
\x1a"""  # noqa: W291
ADD = """\
101,1,"Calle Uno 9","Quito","Ecuador",-0- 
103,2,-0- ,-0- ,-0- ,-0- 
\x1a"""  # noqa: W291
COMMENTS = """\
104,"ort C7654321 (Peru); a.k.a. 'MÜSTER9 II'."
\x1a"""
OFAC = {"sdn.csv": SDN, "alt.csv": ALT, "add.csv": ADD, "sdn_comments.csv": COMMENTS}

NOTICES = [
    {
        "entity_id": "2099/1",
        "name": "MÜSTER9",
        "forename": "ANA MARIA",
        "date_of_birth": "1974/08/12",
        "sex_id": "F",
        "nationalities": ["EC", "ZZ"],
        "country_of_birth_id": "EC",
        "place_of_birth": "Tulcán",
        "distinguishing_marks": "scar",
        "height": 1.7,
        "languages_spoken_ids": ["SPA"],
        "arrest_warrants": [{"charge": "testing", "issuing_country_id": "PE", "charge_translation": None}],
        "_embedded": {"links": []},
    },
    {
        "entity_id": "2099/2",
        "name": "EJEMPLO",
        "forename": None,
        "date_of_birth": "1980",
        "sex_id": "M",
        "nationalities": None,
        "name_at_birth": "MÜSTER9",
        "aliases": [{"name": "MUESTRA", "forename": "LUIS"}, "LUCHO"],
        "identity_documents": [{"number": "P123456", "country_id": "CO"}, "Q7654321", {"number": "?"}],
    },
]
PAGE = {"total": 3, "query": {"page": 1}, "_embedded": {"notices": NOTICES}, "_links": {}}

FTM = [
    {
        "id": "p-1",
        "schema": "Passport",
        "target": False,
        "properties": {"holder": ["e-1", "e-9"], "number": ["A0963"], "country": ["ec"]},
    },
    {
        "id": "e-1",
        "schema": "Person",
        "caption": "Ana MÜSTER9",
        "target": True,
        "properties": {
            "name": ["Ana MÜSTER9", "Анна Примерова"],
            "firstName": ["Ana", "Анна", "Anita"],
            "lastName": ["MÜSTER9", "Примерова"],
            "fatherName": ["Ивановна"],
            "weakAlias": ["LA 9"],
            "birthDate": ["1974-08", "2001/2003", "unknown"],
            "nationality": ["ec", "xk", "gb-sct", "suhh"],
            "passportNumber": ["A0963", "B99887", "?"],
        },
    },
    {"id": "i-1", "schema": "Identification", "properties": {"holder": ["e-1"], "number": ["ID 77-88"]}},
    {"id": "v-1", "schema": "Vessel", "properties": {"name": ["MÜSTER9 STAR"]}},
    {"id": "a-1", "schema": "Airplane", "properties": {"name": ["XX-ABC"]}},
    {"id": "o-1", "schema": "Ownership", "properties": {"owner": ["e-1"]}},
    {"id": "i-2", "schema": "Identification", "properties": {"holder": ["nobody"], "number": ["X12345"]}},
]

PLAIN = [
    {"id": f"L{n}", "surname": "MÜSTER9", "given": f"Ana {n}", "dob": ["1951"], "documents": [f"X{n:07}"]}
    for n in range(4)
]

TABLE = (
    "\ufeffid;Apellidos;Nombres;Fecha de nacimiento;Pasaporte;Pasaporte;alias\n"
    '1;MÜSTER9;"Ana\nMaría";1951-05-17|1952;AB123456;CD7890;"Anita; Ana M"\n'
    "2;EJEMPLO;Luis;1960;;;\n3;MÜSTER9;Eva;;EF555555;;\n"
)
NUMBERS = "number\tissuer\tcategory\nAB123456\tECU\tstolen\nCD7890\tPER\t\nEF555\t\tlost\n"


def lines(records):
    """Return records as JSON lines."""
    return "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records)


def document(record):
    """Return one JSON document over several lines."""
    return json.dumps(record, ensure_ascii=False, indent=1) + "\n"
