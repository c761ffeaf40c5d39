"""Words of further languages that decide about a full stop. Pure data: see `_languages` for the kinds."""

from __future__ import annotations

from typing import Final

from trialogue.actors.sentence_chunker._languages import Abbreviations, Vocabulary

POLISH: Final = Vocabulary(
    abbreviations=Abbreviations(
        titles=(
            "p pp pan dr hab prof doc mgr inż lic lek płk gen kpt por ppor mjr sierż ks bp abp o s św bł red "
            "dyr prez adw ul al pl os"
        ),
        numbered="nr nry dn s str rys tab tel t r rozdz art ust pkt par poz lok m ryc zob por",
        general=(
            "ang niem franc fr hiszp ros pol łac wł gr bałt czes słow ukr białorus hebr arab jap chiń szw duń "
            "norw węg tur amer bryt daw dosł einschl gat godz gosp hist im jęz jedn kol kpr kult kw liczb łączn "
            "m.st maks mies min muz nast nazw np nieodm ob okol oprac osob ozn pn płd płn pd "
            "poch pocz podst pog poj poł pow przyp przym pseud rdz red rel rozp ryc sekr skr spec społ "
            "stow sygn syg sp z.o.o tech teol tłum tow tzn ub uł urodz ur użyt wew wg wiad właśc woj współcz "
            "wsch wyd wym wys zach zagr zał zam zast zaw zewn zm zn zob zw dag sty lut mar kwi cze "
            "lip sie wrz paź lis gru pon wt śr czw pt sob ndz"
        ),
        ending="itd itp etc in innych r w zł kg mln mld tys S.A sp.z.o.o n.e p.n.e tzw.ww cdn",
        continuing="np m.in tj tzn tzw jw ds wg cd ok zob por vs t.j",
    ),
    starters=(
        "A Ale Albo Ani Bo Bez Bardzo By Był Była Było Były Chcę Chociaż Co Coś Czy Dla Dlaczego Dlatego Do "
        "Dobrze Dziś Dzisiaj Dziękuję Gdy Gdzie I Ich Ile Inni Ja Jak Jaka Jaki Jako Je Jednak Jego Jej Jest "
        "Jestem Jeśli Już Kiedy Kto Która Który Lecz Ma Mam Mamy Masz Mi Mimo Może Można My Na Nad Nasz "
        "Natomiast Nie Niech Nikt O Obecnie Od On Ona One Oni Ono Oraz Pan Pani Po Pod Podczas Poza Ponieważ "
        "Potem Przed Przez Przy Proszę Są Się Skąd Szczególnie Ta Tak Także Tam Te Ten Teraz To Tu Twój Ty "
        "Tylko Tym W Wczoraj We Więc Według Wszyscy Wszystko Wtedy Z Za Zaś Ze Żeby"
    ),
    months="stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października listopada grudnia",
    ordinals=True,
)

CZECH: Final = Vocabulary(
    abbreviations=Abbreviations(
        titles="p pí sl dr mudr judr ing mgr bc prof doc phdr rndr csc sv gen plk kpt ul nám tř",
        numbered="č čís s str obr tab tel odst kap roč sv čl bod",
        general=(
            "angl apod atp cca čes dr fr hod ital kap lat lt např něm obč odd okr pol popř př příp red resp rus "
            "sev slov stol str tj tzn tzv vč vých záp zn"
        ),
        ending="atd apod atp aj etc a.s s.r.o n.l př.n.l",
        continuing="např tj tzv tzn mj popř resp cca vs",
    ),
    starters=(
        "A Ale Ano Aby Až Bude Budou Byl Byla Bylo By Co Dále Do Dnes I Já Jak Jako Je Jeho Její Jejich Jen "
        "Jestli Ještě Jsem Jsou K Kde Kdo Kdy Když Která Které Který Ke Má Mám Mezi Může Můžete Musí My Na Nad "
        "Ne Nebo Není Ně O Od On Ona Oni Ono Po Pod Podle Pokud Potom Pro Proč Proto Protože Před Přes Při S Se "
        "Si Stále Ta Tady Tak Také Tam Ten Tento Teď To Tohle Tom Ty U V Ve Však Všechno Vy Z Za Ze Že"
    ),
    months="ledna února března dubna května června července srpna září října listopadu prosince",
    ordinals=True,
)

SLOVAK: Final = Vocabulary(
    abbreviations=Abbreviations(
        titles="p pí sl dr mudr judr ing mgr bc prof doc phdr rndr csc sv gen plk kpt ul nám tr",
        numbered="č čís s str obr tab tel ods kap roč zv čl bod",
        general=(
            "angl cca fr hod kap lat napr nem obyv okr pol popr príp red resp rus sev slov stor tis tzn tzv "
            "vrát vých záp zn mil mld eur"
        ),
        ending="atď apod a.s s.r.o n.l pr.n.l etc",
        continuing="napr t.j tj tzv tzn resp cca vs popr",
    ),
    starters=(
        "A Aj Ak Ako Ale Alebo Ani Áno Až Bez Bol Bola Bolo Boli Bude By Čo Dnes Do Ich I Ide Ja Je Jeho Jej K "
        "Kde Keď Kto Ktorá Ktoré Ktorý Lebo Len Má Mali Medzi Môže My Na Nad Nie No O Od On Ona Oni Po Pod "
        "Podľa Potom Pre Preto Pretože Pred Pri Prečo S Sa So Si Som Sú Ste Tak Takže Tam Ten Tento Teraz To "
        "Toto Ty U Už V Vo Však Všetko Vy Z Za Zo Že"
    ),
    months=(
        "januára februára marca apríla mája júna júla augusta septembra októbra novembra decembra január "
        "február marec apríl máj jún júl august september október november december"
    ),
    ordinals=True,
)

TURKISH: Final = Vocabulary(
    abbreviations=Abbreviations(
        titles="dr prof doç yrd av sn op uzm müh mim alb yzb bnb gen hz st ord öğr gör arş",
        numbered="no nr s sf md böl cilt şek tel bkz d",
        general=(
            "alm ank ar ast bil bit biy bl bot coğ dz ed ekon fiz fr ing ist ital jeol kim krş lat mat mec mil "
            "min müz ör rus sos tar tek tic tm yy yay yun ltd şti a.ş oca şub mar nis may haz tem ağu eyl eki "
            "kas ara cad cd sk sok mah blv apt kat"
        ),
        ending="vb vs vd etc A.Ş M.Ö M.S",
        continuing="örn ör bkz bk krş yak yakl",
    ),
    starters=(
        "Hangisi Hangisini Kaç Merhaba Teşekkürler "
        "Ama Ancak Artık Aslında Ayrıca Az Bana Bazı Belki Ben Beni Benim Biz Bir Biraz Bize Bu Buna Bunlar "
        "Bunu Bunun Burada Böyle Çok Çünkü Da Daha De Değil Diğer En Eğer Evet Fakat Gibi Hangi Hayır Hem Henüz "
        "Hep Her Hiç İçin İki İlk İse İşte Kim Lütfen Mi Nasıl Ne Neden Nerede Niçin O Olarak Ona Onlar Onu "
        "Onun Orada Oysa Önce Peki Sadece Sana Sen Siz Sizin Son Sonra Şey Şimdi Şu Tabii Tamam Ve Veya Ya Yani "
        "Yine"
    ),
    months="Ocak Şubat Mart Nisan Mayıs Haziran Temmuz Ağustos Eylül Ekim Kasım Aralık",
    ordinals=True,
    capitals=True,
)

RUSSIAN: Final = Vocabulary(
    abbreviations=Abbreviations(
        titles=(
            "г-н г-жа гг гос гр гр-н гр-ка д-р проф доц акад чл.-корр ген полк кап лейт сер св т тов о им "
            "инж пгт пос дер с г ул пр-т просп пл пер наб бул ш обл р-н респ р оз о-в м ст"
        ),
        numbered="№ стр с рис табл гл п пп ч кн т тт вып разд ст абз тел кв д корп оф эт доб к см напр",
        general=(
            "англ апр авг бывш в вв включ внутр вост вр всп входн гр град греч дек доп европ ед ежедн ж жен зап "
            "знач изд ил иностр ин исп итал ит кол кол-во кор копия кр крит лат лит макс мат мед мес мн муж "
            "нач нем ноя обр ок окт оригин отв отд отл парт пер перен пн пол польз пом пост пред предс прибл "
            "пр прил прим прош разг ред реж рожд рос рус сб сев сек сент серед сл след совр сокр соотв ср "
            "станд сут сущ тел тж тур укр урожд фам февр фин франц хоз худ ч час чел член экз экон южн яз янв "
            "япон вт чт пт вс"
        ),
        ending="др проч т.д т.п т.е.д и.т.д и.т.п у.е н.э мин тыс млн млрд руб коп долл дол кг км см куб кв",
        continuing="т.е т.к т.н т.о см ср напр т.наз в.т.ч и.о",
        after_number="г гг в вв",
    ),
    starters=(
        "Вам Вами Где Желаете Какая Какие Какое Конечно Куда Могу Можете Пожалуйста Понятно Сколько Хотите "
        "А Без Более Больше Будет Бы Был Была Были Было В Ваш Вам Вас Весь Во Вот Все Всё Всего Вы Где Да Даже "
        "Для До Его Ее Её Если Есть Ещё Еще Же За Затем Здесь И Из Или Им Их К Каждый Как Какой Когда Которые "
        "Который Кроме Кто Ли Между Меня Мне Многие Может Можно Мой Мы На Над Надо Например Нас Наш Не Него Нее "
        "Неё Нет Ни Никто Но Ну О Об Один Однако Он Она Они Оно От Очень Перед По Под После Потом Потому "
        "Поэтому При Про Просто Раз С Сам Сегодня Сейчас Со Спасибо Так Также Такой Там Твой Те Тем Теперь То "
        "Тогда Тоже Только Том Ты У Уже Хорошо Хотя Чего Через Что Чтобы Эта Эти Это Этот Я"
    ),
    months="января февраля марта апреля мая июня июля августа сентября октября ноября декабря",
)

BULGARIAN: Final = Vocabulary(
    abbreviations=Abbreviations(
        titles="г-н г-жа д-р проф доц инж акад св ул бул пл гр с ген полк кап арх",
        numbered="№ стр с фиг табл гл т ал чл тел вж бр",
        general=(
            "англ бълг вкл вр гр гръц изд лат напр нем обл оф ок пр приб рус сб сл ср "
            "ст стр тур фр хил чл ян февр апр авг септ окт ноем дек"
        ),
        ending="др т.н т.г пр.н.е н.е км кг лв мин млн млрд",
        continuing="напр т.е т.нар вж ср вкл",
        after_number="г в ст",
    ),
    starters=(
        "А Ако Аз Без Бе В Във Вие Все Всичко Да До Докато За Защо И Или Има Как Като Кога Когато Който Къде Ли "
        "Между Ми Много Може На Най Не Него Нещо Ние Няма Но О Обаче От По Под Поради После При Пък Само С Са "
        "Се След Също Със Сега Тази Така Там Те Тези То Това Тогава Този Той Тук Тя У Че Ще Що"
    ),
    months="януари февруари март април май юни юли август септември октомври ноември декември",
)

KAZAKH: Final = Vocabulary(
    abbreviations=Abbreviations(
        titles="проф акад доц инж ген св ғ ж",
        numbered="№ б бб т т.т сурет кесте қ",
        general="ж ғ обл ауд қ ж.б мыс англ орыс лат",
        ending="м см кг га млн млрд тг т.б ж.т.б ж.б т.с.с б.з б.з.д",
        continuing="б.з.б мыс",
        after_number="ж жж ғ ғғ",
    ),
    starters=(
        "Ал Ол Бұл Сол Осы Мен Сен Біз Сіз Олар Егер Бірақ Және Сондықтан Қазір Содан Бүгін Ертең Кеше Не Кім "
        "Қалай Қашан Иә Жоқ"
    ),
    months="қаңтар ақпан наурыз сәуір мамыр маусым шілде тамыз қыркүйек қазан қараша желтоқсан",
)

GREEK: Final = Vocabulary(
    abbreviations=Abbreviations(
        titles="κ κα κος κ.κ δρ καθ αγ Αγ ταξ στρ",
        numbered="αρ σελ σ εικ κεφ τηλ παρ τ αριθ οδ λεωφ",
        general=(
            "αι βλ δηλ εκ εκατ λ.χ ν ό.π πρβλ υποσ χιλ χλμ ώρ δισ Ιαν Φεβ Μαρ Απρ Μαΐ Ιουν Ιουλ Αυγ Σεπ Οκτ Νοε Δεκ"
        ),
        ending="κ.λπ κλπ κ.ά κ.τ.λ κτλ μ.Χ π.Χ Α.Ε Ο.Ε",
        continuing="π.χ δηλ βλ πρβλ λ.χ",
        clock="μ.μ π.μ",
    ),
    starters=(
        "Ο Η Το Οι Τα Τον Την Του Της Των Ένας Μια Μία Ένα Και Αλλά Όμως Αν Όταν Γιατί Πώς Πού Ποιος Τι Αυτός "
        "Αυτή Αυτό Εγώ Εσύ Εμείς Εσείς Στο Στη Στην Στον Με Για Από Δεν Δε Θα Να Είναι Ήταν Έχει Ναι Όχι Μετά "
        "Πριν Τώρα Σήμερα Αύριο"
    ),
    months=(
        "Ιανουαρίου Φεβρουαρίου Μαρτίου Απριλίου Μαΐου Ιουνίου Ιουλίου Αυγούστου Σεπτεμβρίου Οκτωβρίου "
        "Νοεμβρίου Δεκεμβρίου"
    ),
)

HINDI: Final = Vocabulary(
    abbreviations=Abbreviations(
        titles=(
            "डॉ डा श्री श्रीमती प्रो पं कु मो मि सुश्री स्व इं एड ले कर्नल मे "
            "ए बी सी डी एफ एच जे एल एम एन ओ पी आर एस टी यू वी"  # the names of Latin letters: initials
        ),
        numbered="सं क्र पृ नं संख्या क्रमांक",
        general="रु कि.मी कि.ग्रा सें.मी मि.मी ई पू वि जन फ़र अग सित अक्टू नव दिस",
        ending="इत्यादि आदि",
        continuing="जैसे यानी उदा",
    ),
)

MARATHI: Final = Vocabulary(
    abbreviations=Abbreviations(
        titles=("डॉ श्री सौ प्रा कु पं श्रीमती ले कै मा मि ए बी सी डी एफ एच जे एल एम एन ओ पी आर एस टी यू वी"),
        numbered="क्र पृ नं सं",
        general="रु कि.मी कि.ग्रा इ.स इ उदा",
        ending="इ इत्यादी",
        continuing="उदा",
    ),
)

ARABIC: Final = Vocabulary(
    abbreviations=Abbreviations(
        titles="د أ أ.د م مهندس ص.ب ق.م هـ",
        numbered="ص رقم ج ت",
        general="كم سم كجم مم",
        ending="إلخ الخ",
    ),
)

PERSIAN: Final = Vocabulary(
    abbreviations=Abbreviations(
        titles="دکتر مهندس آ ق.م ه.ش ه.ق",
        numbered="ص ش شماره",
        ending="غیره الخ",
    ),
)

URDU: Final = Vocabulary(
    abbreviations=Abbreviations(
        titles="ڈاکٹر مسٹر پروفیسر",
        numbered="ص نمبر",
        ending="وغیرہ",
    ),
)

UKRAINIAN: Final = Vocabulary(
    abbreviations=Abbreviations(
        titles=(
            "п пп ім вул просп пл бул пров м с смт обл р-н св проф доц акад інж ген полк чл кор канд д-р г-н о "
            "наб журн вид ред"
        ),
        numbered="№ стор с рис табл розд гл п пп ч т кн вип буд кв тел див",
        general=(
            "англ гр кв куб ст січ лют бер квіт трав черв лип "
            "серп верес жовт листоп груд пн вт ср чт пт сб нд укр рос нім франц лат"
        ),
        ending="ін т.д т.п н.е др ст грн год хв сек тис млн млрд коп кг км см мм га",
        continuing="напр тобто т.зв див пор т.ч",
        after_number="р рр ст",
    ),
    starters=(
        "А Але Без Бо Був Була Було В Ваш Вже Він Вона Вони Воно Все Всі Від Где Де Для До Дякую За З Зараз "
        "Завжди І Із Й Його Їх Її Коли Кожен Крім Ми Мій Може Можна На Навіть Над Наш Не Немає Ні Ніхто О Один "
        "Ось Отже Перед Під Після По Потім При Про Проте Сьогодні Та Так Також Там Те Тепер Ти Тільки То Тоді "
        "Тому Тут У Хто Це Ця Цей Чи Через Чому Що Щоб Я Як Який Якщо"
    ),
    months="січня лютого березня квітня травня червня липня серпня вересня жовтня листопада грудня",
)

INDIC: Final = Vocabulary(
    abbreviations=Abbreviations(
        titles=(
            "ডঃ ডা ড মি মিসেস মো অধ্যাপক શ્રી ડૉ ડો શ્રીમતી ਡਾ ਸ੍ਰੀ ਸ਼੍ਰੀ திரு திருமதி டாக்டர் பேரா டா எம் ஆர் எஸ் எல் டி வி பி డా శ్రీ "
            "శ్రీమతి ప్రొ ಡಾ ಶ್ರೀ ಶ್ರೀಮತಿ ಪ್ರೊ ഡോ ശ്രീ ശ്രീമതി പ്രൊ പ്രൊഫ മി മിസ്"
        ),
        numbered="নং પૃ ਨੰ எண் నం ಸಂ നം",
    ),
)

ARMENIAN: Final = Vocabulary(
    abbreviations=Abbreviations(
        titles="պրոֆ դոկտ դր ակադ պրն տկն տիկ օր ս ք փ գ շ",
        numbered="էջ հ նկ աղ հեռ",
        general="օր թ մլն մլրդ դոլ կմ կգ",
        ending="այլն",
        continuing="օրինակ մ.թ.ա",
    ),
)

KOREAN: Final = Vocabulary(abbreviations=Abbreviations(), ordinals=True)
"""Dates are written "2024. 5. 3.", so a number and a full stop are no end."""
