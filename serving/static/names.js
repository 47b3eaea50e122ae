// Names of codes, as [Persian, English].

export const BOUNDS = {
  exact: ["", ""], about: ["حدود", "about"], at_least: ["دست‌کم", "at least"], more_than: ["بیش از", "more than"],
  at_most: ["حداکثر", "at most"], less_than: ["کمتر از", "less than"],
};

export const CURRENCIES = { IRT: ["تومان", "toman"], IRR: ["ریال", "rial"] };

export const UNITS = {
  mg: ["میلی‌گرم", "mg"], g: ["گرم", "g"], kg: ["کیلوگرم", "kg"], t: ["تن", "t"],
  kW: ["کیلووات", "kW"], MW: ["مگاوات", "MW"], GW: ["گیگاوات", "GW"],
  kWh: ["کیلووات‌ساعت", "kWh"], MWh: ["مگاوات‌ساعت", "MWh"], GWh: ["گیگاوات‌ساعت", "GWh"],
  V: ["ولت", "V"], kV: ["کیلوولت", "kV"],
  mm: ["میلی‌متر", "mm"], cm: ["سانتی‌متر", "cm"], m: ["متر", "m"], km: ["کیلومتر", "km"],
  m2: ["متر مربع", "m²"], km2: ["کیلومتر مربع", "km²"], ha: ["هکتار", "ha"],
  L: ["لیتر", "L"], bbl: ["بشکه", "bbl"], m3: ["متر مکعب", "m³"],
  second: ["ثانیه", "s"], s: ["ثانیه", "s"], minute: ["دقیقه", "min"], hour: ["ساعت", "h"], day: ["روز", "days"],
  week: ["هفته", "weeks"], month: ["ماه", "months"], year: ["سال", "years"], decade: ["دهه", "decades"],
  degC: ["درجه سلسیوس", "°C"], GB: ["گیگابایت", "GB"], TB: ["ترابایت", "TB"], Mbps: ["مگابیت در ثانیه", "Mbit/s"],
  point: ["واحد", "points"], horsepower: ["اسب بخار", "hp"], newtonmeter: ["نیوتن‌متر", "N·m"],
  inch: ["اینچ", "in"], ounce: ["اونس", "oz"], pound: ["پوند", "lb"],
};

export const MONTHS = {
  jalali: [
    "فروردین اردیبهشت خرداد تیر مرداد شهریور مهر آبان آذر دی بهمن اسفند",
    "Farvardin Ordibehesht Khordad Tir Mordad Shahrivar Mehr Aban Azar Dey Bahman Esfand",
  ],
  gregorian: [
    "ژانویه فوریه مارس آوریل مه ژوئن ژوئیه اوت سپتامبر اکتبر نوامبر دسامبر",
    "January February March April May June July August September October November December",
  ],
  islamic: [
    "محرم صفر ربیع‌الاول ربیع‌الثانی جمادی‌الاول جمادی‌الثانی رجب شعبان رمضان شوال ذی‌القعده ذی‌الحجه",
    "Muharram Safar Rabi-I Rabi-II Jumada-I Jumada-II Rajab Shaban Ramadan Shawwal Dhu-al-Qada Dhu-al-Hijja",
  ],
};

export const ERAS = { jalali: ["", "SH"], gregorian: ["میلادی", "CE"], islamic: ["قمری", "AH"] };

/** ISO 3166-2:IR as of November 2020, the numbering that values have. */
export const PROVINCES = {
  "IR-00": ["مرکزی", "Markazi"], "IR-01": ["گیلان", "Gilan"], "IR-02": ["مازندران", "Mazandaran"],
  "IR-03": ["آذربایجان شرقی", "East Azerbaijan"], "IR-04": ["آذربایجان غربی", "West Azerbaijan"],
  "IR-05": ["کرمانشاه", "Kermanshah"], "IR-06": ["خوزستان", "Khuzestan"], "IR-07": ["فارس", "Fars"],
  "IR-08": ["کرمان", "Kerman"], "IR-09": ["خراسان رضوی", "Razavi Khorasan"], "IR-10": ["اصفهان", "Isfahan"],
  "IR-11": ["سیستان و بلوچستان", "Sistan and Baluchestan"], "IR-12": ["کردستان", "Kurdistan"],
  "IR-13": ["همدان", "Hamadan"], "IR-14": ["چهارمحال و بختیاری", "Chaharmahal and Bakhtiari"],
  "IR-15": ["لرستان", "Lorestan"], "IR-16": ["ایلام", "Ilam"],
  "IR-17": ["کهگیلویه و بویراحمد", "Kohgiluyeh and Boyer-Ahmad"], "IR-18": ["بوشهر", "Bushehr"],
  "IR-19": ["زنجان", "Zanjan"], "IR-20": ["سمنان", "Semnan"], "IR-21": ["یزد", "Yazd"],
  "IR-22": ["هرمزگان", "Hormozgan"], "IR-23": ["تهران", "Tehran"], "IR-24": ["اردبیل", "Ardabil"],
  "IR-25": ["قم", "Qom"], "IR-26": ["قزوین", "Qazvin"], "IR-27": ["گلستان", "Golestan"],
  "IR-28": ["خراسان شمالی", "North Khorasan"], "IR-29": ["خراسان جنوبی", "South Khorasan"],
  "IR-30": ["البرز", "Alborz"],
};
