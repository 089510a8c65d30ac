"""Names for invented companies and people, drawn so that they tell nothing of what happens to the account."""

from __future__ import annotations

import numpy as np

INDUSTRIES = (
    "retail", "logistics", "manufacturing", "healthcare", "education", "insurance", "banking", "hospitality",
    "construction", "energy", "software", "media", "public sector", "agriculture", "pharma", "legal services",
    "food and beverage", "telecom", "non-profit", "real estate", "travel", "automotive", "biotech", "staffing",
)  # fmt: skip
REGIONS = (
    ("Maria Lucia Javier Carmen Diego Valeria Andres Ximena Pablo Rocio Hernan Pilar",
     "Ortiz Quiroga Benitez Salcedo Ibarra Montoya Arias Cifuentes Valdes Escobar Fuentes Lozano"),
    ("Lukas Annika Jonas Greta Matthias Friederike Torsten Heike Leon Sabine Moritz Ute",
     "Brandt Kessler Vogt Lindner Hartwig Reimann Pohl Steiner Baumgart Zeller Kaltenbach Ruf"),
    ("Amelie Bastien Camille Thibault Solene Mathis Oceane Gauthier Margaux Loic Elodie Yann",
     "Lefort Marchand Dubreuil Carpentier Roussel Vasseur Guillot Perrin Chevalier Aubry Faure Colin"),
    ("Priya Arjun Kavya Rohan Meera Vikram Ananya Sanjay Lakshmi Nikhil Divya Rahul",
     "Nair Iyer Deshpande Kulkarni Chatterjee Bhatt Reddy Menon Agarwal Saxena Pillai Joshi"),
    ("Yuki Haruto Aiko Kenji Sakura Takumi Mei Ren Naoko Daichi Emi Sho",
     "Tanaka Fujimoto Okada Nishimura Hayashi Kuroda Matsui Ishikawa Ogawa Sakamoto Ueda Morita"),
    ("Wei Jing Hao Lin Xiu Ming Yan Jun Fang Bo Qian Rui",
     "Zhang Huang Zhao Xu Luo Guo Deng Feng Cao Peng Zeng Xiao"),
    ("Olumide Ngozi Kwame Abena Tendai Chipo Amina Sipho Thandiwe Kofi Zainab Emeka",
     "Okafor Mensah Adeyemi Boateng Dlamini Moyo Nwosu Abubakar Owusu Ndlovu Eze Asante"),
    ("James Hannah Oliver Megan Callum Rhiannon Declan Fiona Travis Brooke Wesley Paige",
     "Whitaker Hargreaves Donovan MacLeod Pritchard Sullivan Ashby Langley Caldwell Thornton Beck Rowe"),
    ("Anna Piotr Katarzyna Marek Jana Tomas Zuzana Milos Iveta Bogdan Ioana Radu",
     "Kowalczyk Novotny Horvath Zielinski Svoboda Ionescu Popa Wrobel Dvorak Marin Pavlik Lisowski"),
    ("Leyla Omar Yasmin Tariq Nadia Karim Samira Emre Defne Burak Rania Faisal",
     "Demir Haddad Rahman Yildiz Mansour Khalil Aydin Farouk Nasser Celik Sabbagh Aziz"),
    ("Ingrid Lars Astrid Mikkel Sanna Eero Freja Sven Maja Olavi Kirsten Nils",
     "Lindqvist Halvorsen Nygaard Virtanen Mortensen Bergstrom Korhonen Dahl Ekman Solberg Rask Holm"),
    ("Beatriz Thiago Larissa Caio Fernanda Rafael Giulia Matteo Chiara Luca Alessia Davide",
     "Carvalho Nogueira Teixeira Barros Moretti Bellini Ferraro Gallo Pacheco Rinaldi Conti Moura"),
    ("Minh Linh Somchai Dewi Putri Agus Kanya Thuy Bayu Angelica Jun-ho Seo-yeon",
     "Nguyen Tran Suwan Wijaya Santoso Pham Reyes Kim Park Lestari Bautista Choi"),
)  # fmt: skip
CORES = (
    "Alder", "Amberline", "Arvo", "Bluecrest", "Borealis", "Brightwater", "Calypso", "Castellan", "Cedarpoint",
    "Clearhaven", "Corvus", "Delmar", "Drumlin", "Eastbrook", "Elara", "Eskdale", "Falkner", "Fennimore", "Ferrovia",
    "Gallowgate", "Glasswing", "Granite Bay", "Halcyon", "Hallmere", "Heliax", "Hinterland", "Indigo Harbour",
    "Ironvale", "Jadestone", "Juniper", "Kaizuka", "Kestrel", "Kitano", "Lagoa", "Larkfield", "Lumenor", "Maplewood",
    "Marisol", "Meridiem", "Miravalle", "Nakuru", "Nordhaven", "Norrland", "Oakridge", "Okavango", "Orsini", "Pampas",
    "Pinecliff", "Quarrytown", "Quillon", "Ravenna", "Redfern", "Rheintal", "Sablewood", "Saltmarsh", "Serrano",
    "Silverbeck", "Solvanta", "Stonebridge", "Sundara", "Tamarind", "Tarn", "Thornbury", "Tidewell", "Umbra", "Vasco",
    "Verdant", "Vestergaard", "Wattle", "Westmark", "Whitfield", "Wolfram", "Xantia", "Yarrow", "Zambezi", "Zephyrus",
)  # fmt: skip
TAILS = (
    "Group", "AG", "GmbH", "Ltd", "Inc", "Partners", "Holdings", "SA", "Srl", "BV", "AB", "Oy", "Pty", "K.K.",
    "Pvt Ltd", "& Sons", "Collective", "International", "Works", "Labs", "Systems", "Trading", "Services", "Union",
    "Brothers",
)  # fmt: skip


def person(rng: np.random.Generator) -> str:
    """Draw a person's name whose two parts belong together."""
    first, last = REGIONS[rng.integers(len(REGIONS))]
    return f"{rng.choice(first.split())} {rng.choice(last.split())}"


def people(rng: np.random.Generator, count: int) -> list[str]:
    """Draw ``count`` people without namesakes, not even by first name."""
    drawn: dict[str, str] = {}
    while len(drawn) < count:
        name = person(rng)
        drawn.setdefault(name.split()[0], name)
    return list(drawn.values())


def companies(rng: np.random.Generator, count: int) -> list[str]:
    """Draw ``count`` different companies; a book larger than the list of names counts them on."""
    every = [f"{core} {tail}" for core in CORES for tail in TAILS]
    drawn = [every[number] for number in rng.permutation(len(every))]
    return [
        drawn[number % len(drawn)] + (f" {number // len(drawn) + 1}" * (number >= len(drawn)))
        for number in range(count)
    ]
