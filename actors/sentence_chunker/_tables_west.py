"""Words of the languages of western Europe that decide about a full stop. Pure data: see `_languages` for the kinds.

An entry with a capital is matched as written, any other in both cases.
"""

from __future__ import annotations

from typing import Final

from trialogue.actors.sentence_chunker._languages import Abbreviations, Vocabulary

ENGLISH: Final = Vocabulary(
    abbreviations=Abbreviations(
        titles=(
            "mr mrs ms mx messrs mmes dr prof st ste mt Ft Gen Lt Sgt Spc Maj Cpl Pvt Cmdr Adm Brig Col Capt Rev "
            "Hon Gov Sen Rep Pres Supt Det Insp Msgr Fr Ven Amb Atty Lieut Comdr Rt.Hon Pfc Mlle Mme"
        ),
        numbered=(
            "no nos p pp pg pgs fig figs vol vols ch chap sec sect art eq eqs ed eds ex exs para paras pt pts tab ver "
            "v ca ph tel ext rm op cit cl n° nº №"
        ),
        general=(
            "inc ltd co corp llc plc bros jr sr dept univ assn est ave blvd rd hwy pkwy ln sq apt bldg ct ter "
            "rs Jan Feb Mar Apr Jun Jul Aug Sept Sep Oct Nov Dec Mon Tue Tues Wed Thu Thur Thurs Fri Sat Sun deg "
            "Ala Ariz Ark Calif Colo Conn Del Fla Ga Ill Ind Kan Kans Ky La Mass Md Mich Minn Miss Mo Mont Neb "
            "Nebr Nev Okla Ont Penn Tenn Tex Va Vt Wash Wis Wyo esp misc gov govt dist div intl natl mfg mgr "
            "mgmt asst assoc adj adv approx appt abbr incl excl orig resp trans pl"
        ),
        ending=(
            "LL.M LL.B J.D D.Phil M.Phil Ed.D tsp tbsp oz lb lbs ft yd yds sq qt gal hr hrs min mins sec secs "
            "mph max avg temp alt ref refs cont med tech math sci psych econ chem phys biol hosp lab admin int al "
            "fed comm eng obs dem lang milit relig etc a.s.a.p Esq ibid Ph.D M.D B.A M.A M.Sc B.Sc D.D.S M.B.A et.al"
        ),
        continuing="e.g i.e vs cf viz approx eg ie c.f a.k.a v.s incl attn feat P.S P.P.S N.B",
        clock="a.m p.m AM PM B.C A.D B.C.E C.E",
    ),
    starters=(
        "A Absolutely Across Alright Among Aren Around Ask Besides Bring Call Certainly Check Clearly Click Come "
        "Consider Couldn Despite Didn Doesn Don Dozens Either Enjoy Especially Everybody Everything Feel Finally "
        "Follow Get Give Go Got Hadn Hasn Haven Hers Isn Mine Nope Perfect Ready Send Shouldn Turn Visit Want Wasn "
        "Weren Wouldn Wow Write Yeah Yep Yours Fortunately Furthermore Generally Given Hello Hence Hey Hi Hopefully "
        "Hundreds Imagine Indeed Keep Make Millions Moreover Must Neither Never Nevertheless None Often "
        "Otherwise Please Probably Rather Remember Shall Similarly Simply Somebody Someone Something Sorry "
        "Surely Take Tell Thousands Through Throughout Tonight Try Typically Unless Unlike Upon Us Usually Very "
        "Wait Welcome Whatever Whenever Whether Within Yesterday About According Actually After All Although "
        "Also Always An And Another Any Are As At Because Before Both But By Can Could Did Do Does During Each "
        "Even Every Everyone For From Had Has Have He Her Here His How However I If In Instead Is It Its Just "
        "Last Later Let Like Many May Maybe Meanwhile More Most My Next No Nobody Not Nothing Now Of Oh Okay On "
        "Once One Only Or Other Our Over People Perhaps Several She Should Since So Some Sometimes Soon Still "
        "Such Sure Thank Thanks That The Their Then There Therefore These They This Those Though Thus To Today "
        "Tomorrow Two Under Unfortunately Until Was We Well Were What When Where Which While Who Whose Why Will "
        "With Without Would Yes Yet You Your"
    ),
    months="January February March April May June July August September October November December",
    after_clock=(
        "Eastern Pacific Central Mountain Atlantic Greenwich Standard Daylight EST EDT PST PDT CST CDT MST MDT "
        "ET PT CT MT GMT UTC BST CET Monday Tuesday Wednesday Thursday Friday Saturday Sunday"
    ),
    lettered=(
        "option plan vitamin vitamins hepatitis type grade group class section room gate terminal platform "
        "building block level team tier zone exhibit part point size model appendix schedule side answer choice deg."
    ),
)

GERMAN: Final = Vocabulary(
    abbreviations=Abbreviations(
        titles=(
            "hr hrn fr frl dr prof dipl ing med phil rer nat jur pol habil st hl Abg Gebr Ges Hptm Lt Oberst "
            "Präs Vors Mag Dir Dipl.-Ing Dipl.-Kfm Dr.med Dr.phil"
        ),
        numbered=(
            "nr nrn Abt min max s S Bd Bde Kap Abb Abs Abschn Anm Art Aufl Jg Tab Tel Ziff Zi Rn Rdnr Pkt lfd § Fn"
        ),
        general=(
            "abgek abk allg amtl angebl Anz ausschl bes betr brit dt ehem eigtl eigentl einschl engl entspr erg "
            "ev evtl evang exkl franz frz frdl gegr geb gef gem gen gesch gest ggf griech hist hrsg inkl insb insbes "
            "int ital jährl jew kath kgl kl lat led mdl mind möbl mtl nachm neutr nördl österr östl röm russ "
            "schriftl schwed schweiz sog spez städt südl stellv tägl techn tlw ungef urspr verh verl versch "
            "vollst vorl vorm westl wiss zool zzt zw Std Min Sek Pfd Stk mio mrd n.Chr v.Chr "
            "Jan Feb Mrz Apr Jun Jul Aug Sept Okt Nov Dez Fr Fa Str "
            "str Bhf Hbf St Chr co Gr Forts Verf Red Ltg"
        ),
        ending=(
            "usw etc bspw.usf usf ff f a.M u.v.m u.a.m o.ä u.ä u.Ä o.Ä dgl u.dgl o.dgl Mwst MwSt kg km cm "
            "mm Temp Vers Mo Di Mi Do"
        ),
        continuing=(
            "z.B zB d.h dh u.a bzw bspw i.d.R i.A i.V i.e.S m.E m.W v n ca o.g o.a s.o s.u u.U u.E z.T z.Z "
            "z.Zt zzgl bezgl bzgl hinsichtl lt gem evtl ggf sog vgl v.a v.l.n.r a.a.O a.D b.w i.O e.V k.A w.o "
            "z.H z.Hd p.a u"
        ),
        suffixes="str",
    ),
    starters=(
        "Bin Bist Danke Darf Dieses Dürfen Genau Gern Gerne Gut Guten Habe Hallo Hat Hätte Klar Mir Muss Müssen Okay "
        "Soll Sollen Wann Wäre Welche Welcher Welches Wieviel Will Woher Wohin Wollen Würde "
        "Aber Alle Als Also Am An Auch Auf Aus Bei Bis Bitte Da Dabei Dafür Daher Damit Danach Dann Daran Das "
        "Dazu Deine Dennoch Denn Der Deshalb Die Dies Diese Dieser Dieses Doch Dort Du Ein Eine Einen Einer Er "
        "Es Für Gibt Haben Heute Hier Ich Ihr Ihre Im In Ist Ja Jede Jeder Jetzt Kann Kein Keine Können Man "
        "Mein Meine Mit Möchten Nach Natürlich Nein Nun Nur Ob Oder Ohne Schon Sehr Sein Seine Seit Sie Sind So "
        "Sobald Und Uns Unser Unsere Viele Vielen Vielleicht Vom Von Vor War Warum Was Weil Wenn Wer Wie Wir "
        "Wird Wo Zu Zum Zur Zudem Zwar Über"
    ),
    months="Januar Jänner Februar Feber März April Mai Juni Juli August September Oktober November Dezember",
    ordinals=True,
    capitals=True,
)

FRENCH: Final = Vocabulary(
    abbreviations=Abbreviations(
        titles="m mm mme mmes mlle mlles me mgr dr drs pr prof st ste sts stes vve cap col gén lt cdt R.P ing",
        numbered="n° nº no nos p pp fig vol chap art al tél tom sect par réf ann",
        general=(
            "éd av bd boul bur c.-à-d cf dép env ex faub fém hab hon inc janv févr avr juil sept oct nov déc lun "
            "mar mer jeu ven sam dim ltd min masc max mens nb pl pop qq rd rel rem sing suiv tr trad arr arrdt "
            "coll cie dir adj adm"
        ),
        ending="etc ss S.A S.A.R.L apr.J.-C av.J.-C J.-C",
        continuing="p.ex cf i.e c.-à-d c.à.d env not",
    ),
    starters=(
        "Aimeriez Allez Avez Bonjour Combien Désirez Êtes Lequel Laquelle Lesquels Merci Parfait Pouvez "
        "Souhaitez Voulez "
        "À Ah Ainsi Alors Après Au Aussi Avant Avec Beaucoup Bien Bon Car Ce Ceci Cela Celle Celui Ces Cet "
        "Cette Chaque Comme Comment Dans De Depuis Des Donc Du Elle Elles En Enfin Ensuite Est Et Il Ils J Je L "
        "La Le Les Leur Leurs Lorsque Lui Ma Mais Mes Moi Mon Ne Non Nos Notre Nous On Or Ou Où Oui Par Parce "
        "Pas Pendant Peut Pour Pourquoi Puis Quand Que Quel Quelle Qui Quoi Sa Sans Se Ses Si Son Sur Ta Tes "
        "Toi Ton Tous Tout Toute Tu Un Une Vers Voici Voilà Vos Votre Vous Y C D N Qu S"
    ),
    months="janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
)

SPANISH: Final = Vocabulary(
    abbreviations=Abbreviations(
        titles=(
            "sr sra srta sres sras srtas dr dra dres dña d dn prof profa lic ing arq abg abog gral gob cap cnel "
            "cmdte tte sgto almte fr hno hna hnos mons pbro ilmo ilma excmo excma rvdo mtro mtra st sto sta ud uds "
            "vd vds avda mt"
        ),
        numbered=(
            "n° nº núm nro no pág págs p pp art arts cap fig vol tomo tel teléf ext apdo párr párrf sec inc c cra dpto"
        ),
        general=(
            "admón adm aprox av avda bco cía co depto edo ed edit esq est fdo gta izq izqda dcha max máx mín "
            "ntra pcia prov pza pzo ref rte sig ss tít trad vol vto ene feb mar abr may jun jul ago sep sept "
            "set oct nov dic lun mié mier miér jue vie sáb sab dom corp ltd ltda s.a s.l atte doc docs impr cf"
        ),
        ending="etc EE.UU S.A S.L D.C a.C d.C a.de.C P.D km cm mm kg hs hrs seg min",
        continuing="p.ej pej vs i.e e.g ej EE FF CC RR JJ SS",
    ),
    starters=(
        "Claro Cuánto Cuántos Desea Dónde Necesita Perdón Perfecto Podemos Puedo Quiere Quisiera Vale "
        "A Además Ahora Al Algunos Allí Ante Antes Aquí Así Aunque Ayer Bien Bueno Cada Como Con Creo Cuando "
        "Cuál Cómo De Debe Del Desde Después Durante El Él Ella Ellas Ellos En Entonces Era Es Esa Ese Eso Esta "
        "Está Están Este Esto Estos Fue Gracias Ha Hace Hasta Hay Hola Hoy La Las Le Les Lo Los Luego Mañana "
        "Más Me Mi Mientras Muchas Muy Nada Ni No Nos Nosotros Nuestra Nuestro O Otra Otro Para Pero Por Porque "
        "Puede Pues Que Qué Quién Se Según Ser Si Sí Sin Sobre Solo Son Su Sus También Tal Tan Te Tengo Tiene "
        "Todo Todos Tu Tú Un Una Unos Usted Ustedes Va Vamos Ya Yo Y"
    ),
    months="enero febrero marzo abril mayo junio julio agosto septiembre setiembre octubre noviembre diciembre",
)

ITALIAN: Final = Vocabulary(
    abbreviations=Abbreviations(
        titles=(
            "sig sigg sig.ra sig.na sigra dott dott.ssa dottssa dr prof prof.ssa ing arch avv geom rag on gent "
            "egr spett ill rev don mons card gen col cap ten magg serg mar.llo st s sen cav comm dir amm pres "
            "V.Cte"
        ),
        numbered="n nr n° nº p pp pag pagg art artt cap fig vol tel tav par sez cfr v vv all num",
        general=(
            "abbr abl acc adj agg anat ant arc ass aus autom avv az biol bot c.so ca centr chim cit cod com "
            "cong cost dat dep dip dis distr ecc econ edil ed elettr fam farm ferr ff fil fis fr geogr geol "
            "giorn giur gramm idraul iron ing intr lat lett ling loc mat mec med meteor mil min mitol mod mus "
            "naut neg nom num orig parz pass pers pitt poet polit pop pos post pref prep pron prov psicol rel "
            "rep rif rom sc scherz scol scient sec seg sin sing sogg sost spec sport st stat sup tecn tess trad "
            "tr triv vet volg gen feb mar apr mag giu lug ago set sett ott nov dic lun mer gio ven sab dom p.za "
            "v.le l.go F.lli soc s.p.a s.r.l S.p.A S.r.l ltd inc co corp pross ultimo.sc u.s c.a"
        ),
        ending="ecc etc a.C d.C F.P S.p.A S.r.l p.s",
        continuing="es p.es ad.es cfr cd c.d cosid d i.e vs",
    ),
    starters=(
        "Desidera Perfetto Posso Prego Quanti Quanto Vorrei Vuole "
        "A Ad Ai Al Alcuni Alla Allora Anche Ancora Anzi Appena Attualmente Bene Certo Che Chi Ci Ciò Come Con "
        "Così Cosa Da Dal Dalla Dei Del Della Di Dopo Dove Dunque E È Ecco Ed Era Essa Esso Fino Forse Gli "
        "Grazie Ha Hai Ho I Ieri Il In Infatti Inoltre Invece Io L La Le Lei Lo Loro Lui Ma Mentre Mi Mia Mio "
        "Molti Molto Nel Nella Nessuno No Noi Non Nostro O Oggi Ogni Ora Oppure Per Perché Però Più Poi Poiché "
        "Prima Può Qual Quale Qualche Quando Quanto Quella Quelle Quelli Quello Questa Queste Questi Questo Qui "
        "Quindi Se Secondo Sei Sempre Senza Si Sì Sia Siamo Solo Sono Su Sul Sulla Suo Tra Tu Tutti Tutto Un "
        "Una Uno Va Vi Voi"
    ),
    months="gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
)

PORTUGUESE: Final = Vocabulary(
    abbreviations=Abbreviations(
        titles=(
            "sr sra srta srs sras dr dra drs prof profa profª eng engº arq adv exmo exma ilmo ilma v.exa v.sa d "
            "dom gen cel cap ten sgt maj st sta sto fr pe rev av"
        ),
        numbered="n° nº núm num pág págs p pp art arts cap fig vol tel ext inc par seç km",
        general=(
            "adm aprox apto cia co col depto dept ed edif esp est ex fev jan mar abr mai jun jul ago set out "
            "nov dez seg ter qua qui sex sáb dom ltda lda máx mín min obs pç prov r ref rod séc tb trav univ vs "
            "hab corp inc"
        ),
        ending="etc S.A a.C d.C E.U.A EUA",
        continuing="p.ex ex i.e vs cf",
    ),
    starters=(
        "Deseja Gostaria Perfeito Posso Prefere Quais Qual Quantos Quer Desculpe "
        "A Acho Agora Ah Ainda Além Algumas Alguns Antes Ao Aos Apesar Aqui As Assim Até Bem Bom Cada Claro Com "
        "Como Da Das De Depois Desde Do Dos E É Ela Elas Ele Eles Em Então Entre Era Essa Esse Esta Está Este "
        "Eu Foi Há Hoje Isso Isto Já Lá Mas Mais Me Meu Minha Muito Muitos Na Nas Nem No Nos Não Nossa Nosso "
        "Nós Num O Obrigado Olá Onde Ontem Os Ou Outra Outro Para Pela Pelo Pode Pois Por Porque Porém Quando "
        "Quanto Que Quem São Se Segundo Sem Ser Seu Sim Sobre Sua Só Também Tem Todo Todos Tudo Um Uma Você "
        "Vocês Vamos À"
    ),
    months="janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",
)

DUTCH: Final = Vocabulary(
    abbreviations=Abbreviations(
        titles="dhr hr mevr mw mej mnr mev dr drs ir ing mr prof ds st jhr jkvr gen kol kap lt weled h wed burg",
        numbered="nr nrs blz pag p fig hfst art tel vol afl lid par jrg",
        general=(
            "aanw vnw bijv afd afk afb alg angl bijz bet bijl bv ca cie co dep doc dpt enz exc excl geb gem gen "
            "get gld hist inc incl inz ital kath lat ltd max mil min mln mrd mnd muz nat ned nl nvt oorspr opm "
            "overl plm plv prov red rk resp secr soc str svp temp toel trad vert vgl vlg vol "
            "voorz wnd zgn znw bn bw ww jan feb mrt apr jun jul aug sep sept okt nov dec"
        ),
        ending="enz etc vr vz zn ma di wo za zo e.d e.a o.i.d m.a.w N.V B.V n.C v.C dgl",
        continuing=(
            "bijv bv b.v d.w.z m.n nl o.a o.m t.a.v t.o.v i.p.v i.v.m m.b.t n.a.v t.b.v t.g.v z.g zgn resp vgl "
            "a.u.b s.v.p"
        ),
        suffixes="str",
    ),
    starters=(
        "Ben Bent Dank Graag Hallo Kunt Moet Welk Welke Wilt Zou "
        "Aan Al Alle Als Alleen Altijd Anders Beide Bij Dan Dat Daar Daarna Daarom De Deze Die Dit Door Dus "
        "Echter Een Eens En Er Ga Geen Graag Had Heb Hebben Heeft Hem Het Hier Hij Hoe Hun Ik In Is Ja Jaren Je "
        "Jij Jullie Kan Komt Kun Maar Mag Met Mijn Moet Na Naar Nee Niet Nog Nu Of Om Omdat Onder Ons Onze Ook "
        "Op Over Sinds Soms Te Tegen Terwijl Toch Toen Tot U Uit Uw Van Veel Vanaf Via Volgens Voor Waar Waarom "
        "Wanneer Want Was Wat We Wel Wie Wij Wil Worden Wordt Zal Ze Zij Zijn Zo Zonder"
    ),
    months="januari februari maart april mei juni juli augustus september oktober november december",
)

DANISH: Final = Vocabulary(
    abbreviations=Abbreviations(
        titles="hr fr frk dr prof skt st ing adv dir kapt gen mr mrs ms jr",
        numbered="nr s p kap fig bd tlf art stk afsn jf pkt kl",
        general=(
            "adr afd afs alm ang ank betegn bl co corp inc ltd dep div eks ekskl eksp evt feb forsk gdr gl inkl "
            "ill jan jfr mar apr jun jul aug sep sept okt nov dec kbh kgl lign ltr maks mdl mrk "
            "ndf obs off opr pga pl red resp sdr sek str tdl temp tidl udg vedr vol årg"
        ),
        ending="etc osv m.m m.v m.fl o.l o.lign ff A/S kr mio mia min man tir ons tor fre lør søn",
        continuing="f.eks fx bl.a dvs d.v.s hhv mht p.g.a pga vs jf jvf ca ift iht vha",
    ),
    starters=(
        "Af Alle Alt Altså At Både Da De Dem Den Denne Der Derefter Derfor Det Dette Dig Din Disse Du Efter "
        "Ellers En Er Et For Fordi Fra Før Gør Hans Har Havde Hej Hendes Her Hun Hvad Hvem Hver Hvis Hvor "
        "Hvordan Hvorfor I Ikke Ja Jeg Kan Kun Lad Man Mange Med Meget Men Mens Min Mit Måske Ned Nej Nogle Nu "
        "Når Og Også Om Op Over På Siden Skal Som Så Tak Til Um Ved Vi Vil Var"
    ),
    months="januar februar marts april maj juni juli august september oktober november december",
    ordinals=True,
)

SWEDISH: Final = Vocabulary(
    abbreviations=Abbreviations(
        titles="hr fr frk dr prof doc dir ing st kapt gen",
        numbered="nr s sid kl kap fig bd tel art st ca",
        general=(
            "alt avd bil dat dep div dvs etc ev exkl febr forts inkl jan feb mar apr jun jul aug sep okt nov "
            "dec max resp tab tfn tr vard vol"
        ),
        ending="osv etc m.m m.fl o.s.v o.d o.dyl kr min mån tis ons tors fre lör sön st tim",
        continuing="t.ex tex bl.a d.v.s dvs jfr p.g.a pga s.k fr.o.m t.o.m i.o.m ang resp",
    ),
    starters=(
        "Alla Allt Att Av Bara Bland Both Med Den Denna Det Detta De Dessa Där Då Du En Ett Efter Eftersom "
        "Eller Enligt Er För Från Först Han Har Hej Henne Hennes Hon Hur I Idag Ingen Inte Ja Jag Kan Kanske "
        "Man Mellan Men Min Mitt Mot Många Mycket När Ni Nej Nu Och Om Också På Samma Sedan Ska Som Så Tack "
        "Till Trots Under Utan Var Vad Varför Vem Vi Vid Vilken Vill Vår Är Även Åt"
    ),
    months="januari februari mars april maj juni juli augusti september oktober november december",
)

ROMANIAN: Final = Vocabulary(
    abbreviations=Abbreviations(
        titles="dl dna dra dr prof ing acad gen col sf str bd av mr",
        numbered="nr pag p fig cap vol art alin tel bl sc et ap",
        general="aprox cca ex ian feb mar apr iun iul aug sep sept oct noi dec jud loc mun com max min tel",
        ending="etc ș.a s.a",
        continuing="de.ex d.ex adică resp cf",
    ),
    starters=(
        "A Acest Această Aceste Acum Ai Al Am Apoi Ar Are Asta Astăzi Atunci Azi Ba Bine Bună Ca Când Care "
        "Către Ce Cel Cine Cu Cum Da Dacă Dar De Deci Deși După E Ea Ei El Ele Era Este Eu Fără Fiecare Iar Îi "
        "Îl Îmi În Însă Își Îți La Le Mai Mă Mulți Mulțumesc Ne Nici Nimeni Noi Nu O Pe Pentru Poate Prin Sau "
        "Să Se Sunt Și Te Toate Toți Tu Un Una Unde Va Vă Voi Vom"
    ),
    months="ianuarie februarie martie aprilie mai iunie iulie august septembrie octombrie noiembrie decembrie",
)

FINNISH: Final = Vocabulary(
    abbreviations=Abbreviations(
        titles="hra rva nti tri prof toht ins maist dr",
        numbered="nro n:o s ks klo puh kpl kuv luk",
        general=(
            "esim em eaa engl jne kl kpl ko ks luok mm muun noin ns nyk oik os p puh r ruots ry t til tms v "
            "vars ven yht yl yms"
        ),
        ending="jne ym yms tms eKr jKr",
        continuing="esim mm ks ts eli vrt ns",
    ),
    starters=(
        "Ei Eivät En Entä Että He Hei Hän Ja Jo Jos Joka Jotta Kaikki Kiitos Kuin Kuinka Kuka Kun Kyllä Me "
        "Miksi Mikä Milloin Minä Missä Miten Mitä Mutta Myös Nyt Ne Niin No Nämä Olen Olet On Onko Ovat Se Sen "
        "Sinä Siellä Sitten Tai Te Tämä Tänään Vaikka Vain Vielä Voi Voit"
    ),
    months=(
        "tammikuuta helmikuuta maaliskuuta huhtikuuta toukokuuta kesäkuuta heinäkuuta elokuuta syyskuuta "
        "lokakuuta marraskuuta joulukuuta"
    ),
    ordinals=True,
)

HUNGARIAN: Final = Vocabulary(
    abbreviations=Abbreviations(
        titles="dr prof ifj id özv szt gr br ált alez ezr",
        numbered="sz old o ker u tel em fszt kb",
        general=(
            "ang áll bp fn gk hiv ill jan feb febr márc ápr máj jún júl aug szept okt nov dec kft km kp lat max "
            "min mb mn n.é ny pl rt sgt sz szül tkp tv ui utca vm vö zrt"
        ),
        ending="stb s.t.b i.sz i.e",
        continuing="pl ún ill vö ui tkp kb",
    ),
    starters=(
        "A Az Akkor Amikor Aki Ami Azt Azért Ban Be Bár Csak De Egy Ez Ezek Ezért Ezt Én És Fel Ha Hanem Hogy "
        "Hol Igen Ide Itt Jó Ki Kik Köszönöm Le Lehet Már Meg Még Mert Mi Mikor Milyen Minden Miért Most Na "
        "Nagyon Nem Nincs Ne Ő Ők Ott Pedig Persze Sem Szia Talán Te Ti Tudom Után Vagy Van Volt"
    ),
    months="január február március április május június július augusztus szeptember október november december",
    ordinals=True,
)

INDONESIAN: Final = Vocabulary(
    abbreviations=Abbreviations(
        titles="dr drs ir prof sdr sdri bpk tn ny nn kh hj st jl",
        numbered="no hal hlm tgl tlp telp bab gbr rp",
        general="jan feb mar apr jun jul agt ags sep okt nov des kab kec kel kep max min pt cv",
        ending="dll dsb dst tbk",
        continuing="mis yth a.n d.a s.d",
    ),
    starters=(
        "Ada Adalah Agar Akan Aku Anda Apa Apakah Atau Bagaimana Baik Banyak Berapa Bisa Boleh Bukan Dalam Dan "
        "Dari Dengan Di Dia Hari Ini Itu Iya Jadi Jangan Jika Juga Kalau Kami Kamu Kapan Karena Ke Kepada Kita "
        "Lalu Maaf Mereka Mungkin Namun Oleh Pada Saat Saya Sebelum Sekarang Selamat Semua Serta Setelah Siapa "
        "Silakan Sudah Tapi Tetapi Terima Tidak Untuk Yang Ya"
    ),
    months="Januari Februari Maret April Mei Juni Juli Agustus September Oktober November Desember",
)

VIETNAMESE: Final = Vocabulary(
    abbreviations=Abbreviations(
        titles="TS ThS GS PGS BS KS LS TP Tp Q P Mr Ms Mrs Dr ông bà",
        numbered="tr số t q",
        general="v.d vd TPHCM",
        ending="v.v vv",
        continuing="vd v.d",
    ),
    starters=(
        "Anh Ai Bà Bạn Bây Bởi Cả Các Cái Chị Cho Chúng Chưa Có Còn Của Cũng Cùng Dạ Do Dù Đã Đang Đây Để Đến "
        "Điều Đó Em Gì Hãy Hôm Họ Khi Không Là Làm Mà Mình Mỗi Một Nếu Ngày Nhưng Những Nó Ở Ông Phải Rất Rồi "
        "Sao Sau Sẽ Tại Tất Theo Thì Tôi Trong Trước Từ Vâng Vậy Và Vì Với Vui Xin"
    ),
)

ENGLISH_ABROAD: Final = Vocabulary(
    abbreviations=Abbreviations(
        titles="mr mrs ms dr prof Jr Sr St Mt",
        numbered="n° nº №",
        general="inc ltd co corp llc jr sr",
        ending="Ph.D M.D B.A M.A",
        continuing="e.g i.e vs",
        clock="a.m p.m AM PM B.C A.D B.C.E C.E",
    ),
    starters=ENGLISH.starters,
    months=ENGLISH.months,
    after_clock=ENGLISH.after_clock,
)
"""What of English turns up in texts of other languages: names of people and companies, whole sentences."""
